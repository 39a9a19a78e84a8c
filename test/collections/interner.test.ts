import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, Heap, Interner, List, RcHeap, RcString, defaultRcHeap } from 'freehold';
import { refusal } from '../lib/codes.ts';
import { grounds } from './lib/allocators.ts';

const INVALID = 'ERR_FREEHOLD_INVALID_ARGUMENT';

describe.each(grounds)('over %s', (_name, make) => {
  test.each([false, true])('equal texts are one block, other texts others (keep: %s)', (keep) => {
    const ground = make();
    const { allocator } = ground;
    const interner = new Interner({ allocator, keep });
    const first = interner.intern('name');
    const again = interner.intern(['na', 'me'].join(''));
    const other = interner.intern('');
    using source = RcString.from('xnamex', { allocator: defaultRcHeap() });
    using part = source.slice(1, 5);
    const third = interner.intern(part);
    expect(first.refCount).toBe(keep ? 4 : 3);
    expect([again.address, third.address]).toEqual([first.address, first.address]);
    expect([String(other), other.address === first.address, interner.size]).toEqual(['', false, 2]);
    for (const each of [first, again, other]) each.release();
    expect([interner.has('name'), interner.has(''), interner.size]).toEqual([true, keep, keep ? 2 : 1]);
    third.release();
    expect([interner.has('name'), interner.size]).toEqual([keep, keep ? 2 : 0]);
    expect(JSON.stringify(interner)).toBe(`{"size":${keep ? 2 : 0}}`);
    interner.clear();
    ground.assertEmpty();
    const next = interner.intern('name');
    expect([String(next), interner.size]).toEqual(['name', 1]);
    interner.dispose();
    expect(String(next)).toBe('name');
    next.release();
    ground.assertEmpty();
  });

  test('no program makes it differ from a table of counts, and nothing is left of it', () => {
    const texts = fc.constantFrom('', 'a', 'b', '\u00e9', 'nul\0', '\ud800', '\ufffd');
    const command = fc.oneof(
      fc.record({ intern: texts }),
      fc.record({ release: fc.nat(20) }),
      fc.record({ listed: texts }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 50 }), (program) => {
        const ground = make();
        const { allocator } = ground;
        const interner = new Interner({ allocator, keep: false });
        const list = List.create({ allocator });
        const held: RcString[] = [];
        const listed: string[] = [];
        const keyOf = (text: string): string => Buffer.from(text).toString();
        for (const each of program) {
          if ('intern' in each) held.push(interner.intern(each.intern));
          else if ('listed' in each) {
            using string = interner.intern(each.listed);
            list.push(string);
            listed.push(keyOf(each.listed));
          } else if (held.length > 0) held.splice(each.release % held.length, 1)[0].release();
          const expected = new Set([...held.map(String), ...listed]);
          expect(interner.size).toBe(expected.size);
          expect(new Set(held.map((string) => string.address)).size).toBe(new Set(held.map(String)).size);
        }
        list.release();
        for (const string of held) string.release();
        expect(interner.size).toBe(0);
        ground.assertEmpty();
        allocator[Symbol.dispose]();
      }),
      { numRuns: 60 },
    );
  });
});

describe('an interner', () => {
  test('over an RcHeap keeps nothing, over other allocators everything, when it is not told', () => {
    using heap = new RcHeap();
    using other = new Heap();
    for (const [allocator, size] of [
      [heap, 0],
      [other, 1],
    ] as const) {
      using interner = new Interner({ allocator });
      interner.intern('text').release();
      expect(interner.size).toBe(size);
    }
    expect([heap.stats().blocks, other.stats().blocks]).toEqual([0, 0]);
  });

  test('gives a whole string of its own heap as the block of its text', () => {
    using heap = new RcHeap();
    using interner = new Interner({ allocator: heap });
    using string = RcString.from('text', { allocator: heap });
    using same = interner.intern(string);
    using again = interner.intern('text');
    expect([same.handle, again.handle]).toEqual([string.handle, string.handle]);
    expect(heap.stats().blocks).toBe(1);
  });

  test('does not give a dead string when it has not heard of its death', () => {
    using heap = new RcHeap();
    using interner = new Interner({ allocator: heap });
    const first = interner.intern('text');
    let second: RcString | undefined;
    // Called before the interner's own callback would be, had it been asked for first.
    const sooner = heap.alloc(8, { refs: 1, onDispose: () => (second = interner.intern('text')) });
    heap.setRef(sooner.handle, 0, first.handle);
    first.release();
    sooner.release();
    expect([String(second), interner.size, interner.has('text')]).toEqual(['text', 1, true]);
    using third = interner.intern('text');
    expect(third.address).toBe(second!.address);
    second!.release();
    third.release();
    expect([interner.size, heap.stats().blocks, heap.check()]).toEqual([0, 0, true]);
  });

  test('forgets a string that was collected with a cycle', () => {
    using heap = new RcHeap();
    using interner = new Interner({ allocator: heap });
    const list = List.create({ allocator: heap });
    const string = interner.intern('text');
    list.push(string);
    list.push(list);
    string.release();
    list.release();
    expect(interner.size).toBe(1);
    heap.collect();
    expect([interner.size, heap.stats().blocks]).toEqual([0, 0]);
  });

  test('forgets everything at the end of its heap, and refuses to go on', () => {
    const heap = new RcHeap();
    const interner = new Interner({ allocator: heap });
    const string = interner.intern('text');
    heap.dispose();
    expect(interner.size).toBe(0);
    refusal(() => interner.intern('text'), 'ERR_FREEHOLD_DISPOSED');
    string.release();
    interner.dispose();
  });

  test('makes the strings anew that the reset of an arena has ended', () => {
    using arena = new Arena();
    using interner = new Interner({ allocator: arena });
    const first = interner.intern('text');
    const again = interner.intern('text');
    expect(again.address).toBe(first.address);
    arena.reset();
    expect(interner.has('text')).toBe(false);
    const next = interner.intern('text');
    expect([String(next), interner.size]).toEqual(['text', 1]);
    first.release();
    again.release();
    expect([String(next), interner.has('text')]).toEqual(['text', true]);
    arena.reset();
    interner.clear();
    expect(interner.size).toBe(0);
  });

  test('refuses what is no text, options that make no sense, and any use after its end', () => {
    using interner = new Interner();
    for (const none of [undefined, null, 7, {}, Buffer.from('text')] as never[]) {
      refusal(() => interner.intern(none), INVALID);
      refusal(() => interner.has(none), INVALID);
    }
    const released = RcString.from('text');
    released.release();
    refusal(() => interner.intern(released), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => new Interner({ keep: 1 } as never), INVALID);
    refusal(() => new Interner({ weak: true } as never), INVALID);
    expect(inspect(interner)).toBe('Interner { 0 strings }');
    interner.dispose();
    interner.dispose();
    for (const use of [
      () => interner.intern('text'),
      () => interner.has('text'),
      () => interner.size,
      () => interner.clear(),
      () => interner.allocator,
    ])
      refusal(use, 'ERR_FREEHOLD_DISPOSED');
    expect(inspect(interner)).toBe('Interner { disposed }');
    const members = Object.getOwnPropertyDescriptors(Interner.prototype) as PropertyDescriptorMap;
    for (const key of Reflect.ownKeys(members)) {
      if (key === 'constructor' || key === inspect.custom) continue;
      const { value, get } = members[key as string];
      for (const none of [{}, null, Interner.prototype])
        refusal(
          () => Reflect.apply((get ?? value) as () => unknown, none, ['']),
          'ERR_FREEHOLD_INVALID_RECEIVER',
        );
    }
  });
});
