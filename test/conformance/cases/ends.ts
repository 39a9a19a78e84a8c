import assert from 'node:assert/strict';
import { inspect, types } from 'node:util';
import { FreeholdError } from 'freehold';
import { throwsCode } from '../checks.ts';
import { Ledger } from '../ledger.ts';
import { type Case, type Conforming } from '../subject.ts';

/** For those that look at the receiver last: arguments that nothing can be said against. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  array: [Uint8Array, 1],
  copy: [new Uint8Array(1)],
  string: ['text'],
  cString: ['text'],
};

/** Every method, getter and setter of an object's classes, as functions of the receiver. */
function members(value: object): [string, (receiver: unknown) => unknown][] {
  const found: [string, (receiver: unknown) => unknown][] = [];
  for (let each = Object.getPrototypeOf(value) as object; each !== Object.prototype;) {
    for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (key !== 'constructor') found.push(...callable(key, property));
    }
    for (const symbol of Object.getOwnPropertySymbols(each)) {
      found.push(...callable(String(symbol), Object.getOwnPropertyDescriptor(each, symbol)!));
    }
    each = Object.getPrototypeOf(each) as object;
  }
  return found;
}

type Method = (this: unknown, ...rest: unknown[]) => unknown;

function callable(
  name: string,
  { value, get, set }: PropertyDescriptor,
): [string, (receiver: unknown) => unknown][] {
  return [value, get, set]
    .filter((each): each is Method => typeof each === 'function')
    .filter((each) => !types.isAsyncFunction(each)) // What these throw comes later: test/adversarial.
    .map((method) => [name, (receiver) => method.call(receiver, ...(ARGUMENTS[name] ?? [1]))]);
}

/** What every allocator offers besides blocks: its end, and its looks. */
export const ends: readonly Case[] = [
  {
    title: 'after dispose every use throws ERR_FREEHOLD_DISPOSED, but for dispose, owns and the figures',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      const { block } = ledger.alloc(64);
      ledger.freeAll();
      assert.equal(allocator.disposed, false);
      allocator.dispose();
      allocator.dispose();
      allocator[Symbol.dispose]();
      assert.equal(allocator.disposed, true);
      const uses: Record<string, (each: Conforming) => unknown> = {
        alloc: (each) => each.alloc(8),
        'alloc of nothing': (each) => each.alloc(0),
        allocUnsafe: (each) => each.allocUnsafe(8),
        tryAlloc: (each) => each.tryAlloc(8),
        'tryAlloc of too much': (each) => each.tryAlloc(2 ** 53 - 1),
        realloc: (each) => each.realloc(block, 8),
        free: (each) => each.free(block),
        array: (each) => each.array(Uint8Array, 8),
        copy: (each) => each.copy(Buffer.alloc(8)),
        string: (each) => each.string('text'),
        cString: (each) => each.cString('text'),
      };
      for (const [what, use] of Object.entries(uses)) {
        throwsCode(() => use(allocator), 'ERR_FREEHOLD_DISPOSED', what);
      }
      assert.equal(allocator.owns(block), false);
      assert.equal(allocator.stats().bytesUsed, 0);
      assert.match(inspect(allocator), /disposed/);
    },
  },
  {
    title: 'dispose gives everything back that was freed, and what was not is no block any more',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      const blocks = [8, 100, 16].map((size) => ledger.alloc(size).block);
      try {
        allocator.dispose();
      } catch (error) {
        // The one thing that a dispose may have against live blocks is that they leak.
        assert(error instanceof FreeholdError);
        assert.equal(error.code, 'ERR_FREEHOLD_LEAK');
      }
      assert.equal(allocator.disposed, true);
      for (const block of blocks) assert.equal(allocator.owns(block), false);
      ledger.assertNothingUsed('after dispose');
    },
  },
  {
    title: 'the figures, JSON and inspect say the kind and the name',
    run(subject) {
      const { allocator } = subject.make();
      const stats = allocator.stats();
      assert(stats.kind.length > 0);
      assert.equal(stats.name, allocator.name);
      assert.deepEqual(JSON.parse(JSON.stringify(allocator)), JSON.parse(JSON.stringify(stats)));
      assert(inspect(allocator).includes(allocator.name), inspect(allocator));
    },
  },
  {
    title: 'a method on anything that is no such allocator throws ERR_FREEHOLD_INVALID_RECEIVER',
    run(subject) {
      const { allocator } = subject.make();
      const receivers = [{}, null, undefined, 5, 'text', Object.create(allocator), new Uint8Array(8)];
      for (const [name, call] of members(allocator)) {
        for (const [index, receiver] of receivers.entries()) {
          const what = `${name} on receiver ${index}`;
          let result: unknown = what;
          throwsCode(() => (result = call(receiver)), 'ERR_FREEHOLD_INVALID_RECEIVER', what);
          assert.equal(result, what);
        }
      }
    },
  },
];
