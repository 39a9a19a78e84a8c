import assert from 'node:assert/strict';
import { randomBelow } from '../checks.ts';
import { Ledger } from '../ledger.ts';
import { assertZero } from '../../lib/patterns.ts';
import { type Case, type Subject, type Traits } from '../subject.ts';

const SEEDS = [1, 2, 3];
const STEPS = 250;
const MOST_LIVE = 60;

/** Small sizes often, sizes around pages sometimes, larger ones now and then. */
function randomSize(random: (below: number) => number, { largest }: Traits): number {
  const most = [300, 300, 300, 300, 4200, 40_000][random(6)];
  return Math.min(random(most + 1), largest);
}

function randomSteps(subject: Subject, seed: number): void {
  const random = randomBelow(seed);
  const ledger = new Ledger(subject);
  for (let step = 0; step < STEPS; step++) {
    const size = randomSize(random, subject.traits);
    const entry = ledger.held[random(ledger.held.length)];
    switch (ledger.held.length >= MOST_LIVE ? 7 : random(10)) {
      case 7:
      case 8:
        if (ledger.held.length > 0) ledger.free(entry);
        break;
      case 9:
        if (ledger.held.length > 0 && ledger.hasRoomFor(size)) ledger.realloc(entry, size);
        break;
      case 6: {
        const alignment = Math.min(2 ** random(13), subject.traits.largestAlignment);
        if (ledger.hasRoomFor(size, alignment)) ledger.alloc(size, alignment);
        break;
      }
      case 5:
        if (ledger.hasRoomFor(size)) ledger.allocUnsafe(size);
        break;
      default:
        if (ledger.hasRoomFor(size)) ledger.alloc(size, undefined, step % 2 === 0 ? 'alloc' : 'tryAlloc');
    }
    ledger.checkStats();
    if (step % 10 === 0) ledger.check();
  }
  ledger.check();
  ledger.freeAll();
  if (subject.traits.reuses === 'every') ledger.assertNothingUsed('when all is freed');
}

/** What is in blocks, and where they lie. */
export const contents: readonly Case[] = [
  {
    title: 'alloc, tryAlloc, array and growth give zeroes also where bytes were written and freed before',
    run(subject) {
      const { largest, room } = subject.traits;
      const { allocator } = subject.make();
      const random = randomBelow(9);
      const sizes = [8, 64, 500, 1024, 5000, 33_000].filter((size) => size <= largest);
      const held: Uint8Array[] = [];
      // Where a block does not come back there is room for so many.
      const rounds = Math.min(200 * subject.effort, room / 7 / (sizes[sizes.length - 1] + 32));
      for (let round = 0; round < rounds; round++) {
        const size = sizes[random(sizes.length)];
        const grown = sizes[random(sizes.length)];
        const small = allocator.alloc(size);
        assertZero(small, 0, `alloc(${size})`);
        const bytes = [allocator.alloc(grown), allocator.tryAlloc(size)!, allocator.array(Uint8Array, size)];
        for (const each of bytes) assertZero(each, 0, `a block or an array of ${each.length}`);
        const other = allocator.realloc(small.fill(0xff), grown);
        assertZero(other, Math.min(size, grown), `what realloc from ${size} to ${grown} adds`);
        held.push(...bytes, other, allocator.allocUnsafe(grown));
        for (const each of held) each.fill(0xff);
        // The newest first, or any.
        while (held.length > 0) allocator.free(held.splice(round % 2 === 0 ? -1 : random(held.length), 1)[0]);
      }
    },
  },
  {
    title: 'live blocks keep their bytes and never overlap, whatever is allocated, freed and reallocated',
    run(subject) {
      for (const seed of SEEDS.slice(0, Math.ceil(SEEDS.length * subject.effort))) {
        try {
          randomSteps(subject, seed);
        } catch (cause) {
          throw new Error(`with seed ${seed}: ${(cause as Error).message}`, { cause });
        }
      }
    },
  },
  {
    title: 'realloc keeps the bytes that fit, last block or not, growing or shrinking',
    run(subject) {
      const { largest } = subject.traits;
      const ledger = new Ledger(subject);
      const sizes = [1, 40, 0, 17, 600, 599, 4096, 9000, 9001, 64].filter((size) => size <= largest);
      let last = ledger.alloc(24);
      for (const size of sizes) {
        last = ledger.realloc(last, size);
        ledger.check();
      }
      const neighbour = ledger.alloc(32);
      for (const size of sizes) {
        if (ledger.hasRoomFor(size)) last = ledger.realloc(last, size);
        ledger.check();
      }
      ledger.free(last);
      ledger.free(neighbour);
    },
  },
  {
    title: 'realloc that is refused throws and leaves the block as it was',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      const first = ledger.alloc(48);
      const last = ledger.alloc(48);
      const { bytesUsed } = allocator.stats();
      for (const { block } of [first, last]) {
        for (let round = 0; round < 3; round++) {
          assert.throws(() => allocator.realloc(block, 2 ** 53 - 1), { name: 'FreeholdError' });
        }
        assert(allocator.owns(block));
      }
      assert.equal(allocator.stats().bytesUsed, bytesUsed);
      ledger.check();
      ledger.realloc(first, 40);
      ledger.realloc(last, 40);
      ledger.check();
    },
  },
  {
    title: 'array, copy, string and cString give what they say, in blocks like any other',
    run(subject) {
      const { allocator } = new Ledger(subject).specimen;
      const numbers = allocator.array(Float64Array, 3);
      assert(numbers instanceof Float64Array && numbers.length === 3);
      assert.deepEqual([...numbers], [0, 0, 0]);
      numbers.set([1, 2, 3]);
      const copy = allocator.copy(new Uint16Array([1, 258]));
      assert.deepEqual([...copy], [1, 0, 2, 1]);
      assert.equal(allocator.copy(new ArrayBuffer(5)).length, 5);
      assert.equal(allocator.string('grüße').toString(), 'grüße');
      assert.equal(allocator.cString('ab').toString(), 'ab\0');
      assert.equal(allocator.string('').length, 0);
      assert.deepEqual([...numbers], [1, 2, 3]);
      for (const view of [numbers, copy]) assert(allocator.owns(view));
      assert.equal(copy.allocator, allocator);
    },
  },
];
