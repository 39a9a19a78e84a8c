import assert from 'node:assert/strict';
import { codeOf, throwsCode, unlessRefused } from '../checks.ts';
import { Ledger } from '../ledger.ts';
import { type Case } from '../subject.ts';

const HUGE = [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
const NO_SIZES: readonly unknown[] = [-1, 1.5, NaN, Infinity, -Infinity, 2 ** 53, '8', null, 8n, true, {}];
const NO_ALIGNMENTS: readonly unknown[] = [
  0,
  -1,
  -16,
  3,
  24,
  1.5,
  NaN,
  Infinity,
  2 ** 22,
  2 ** 32,
  '16',
  null,
  16n,
];
const WAYS = ['alloc', 'allocUnsafe', 'tryAlloc'] as const;

/** What sizes and alignments are, and what happens to those that are not. */
export const sizes: readonly Case[] = [
  {
    title: 'blocks of no bytes can be had, held together, reallocated and freed',
    run(subject) {
      const ledger = new Ledger(subject);
      const first = ledger.alloc(0);
      ledger.allocUnsafe(0);
      ledger.alloc(0, undefined, 'tryAlloc');
      ledger.alloc(16);
      const grown = ledger.realloc(first, 16);
      ledger.check();
      ledger.realloc(grown, 0);
      ledger.check();
      ledger.freeAll();
      ledger.assertNothingUsed('when all is freed');
    },
  },
  {
    title: 'huge sizes give a block of that length or a refusal, and leave the allocator usable',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      ledger.alloc(64);
      const exact = subject.traits.reuses === 'every';
      const before = allocator.stats().bytesUsed;
      const huge = subject.effort === 1 ? HUGE : HUGE.slice(-2);
      for (const [index, size] of huge.entries()) {
        const way = WAYS[index % WAYS.length];
        const block = unlessRefused(() => allocator[way](size));
        if (block !== null) {
          assert.equal(block.length, size);
          if (way !== 'allocUnsafe') assert.equal(block[0] + block[size - 1], 0);
          block[0] = block[size - 1] = 1;
          allocator.free(block);
        }
        ledger.check();
        if (exact) assert.equal(allocator.stats().bytesUsed, before, `bytesUsed after a size of ${size}`);
        ledger.alloc(64);
        ledger.free(ledger.held[1]);
      }
      ledger.freeAll();
      if (exact) ledger.assertNothingUsed('when all is freed');
    },
  },
  {
    title: 'what is no size throws ERR_FREEHOLD_INVALID_SIZE and changes nothing',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      const { block } = ledger.alloc(32);
      const before = allocator.stats();
      for (const size of NO_SIZES as number[]) {
        const what = `for ${typeof size} ${String(size)}`;
        for (const way of WAYS) throwsCode(() => allocator[way](size), 'ERR_FREEHOLD_INVALID_SIZE', what);
        throwsCode(() => allocator.realloc(block, size), 'ERR_FREEHOLD_INVALID_SIZE', what);
        throwsCode(() => allocator.array(Uint8Array, size), 'ERR_FREEHOLD_INVALID_SIZE', what);
      }
      assert.deepEqual(allocator.stats(), before);
      ledger.check();
    },
  },
  {
    title: 'what is no alignment throws ERR_FREEHOLD_INVALID_ALIGNMENT and changes nothing',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      ledger.alloc(32);
      const before = allocator.stats();
      for (const alignment of NO_ALIGNMENTS as number[]) {
        const what = `for ${typeof alignment} ${String(alignment)}`;
        for (const way of WAYS) {
          throwsCode(() => allocator[way](16, alignment), 'ERR_FREEHOLD_INVALID_ALIGNMENT', what);
        }
      }
      assert.deepEqual(allocator.stats(), before);
      ledger.check();
    },
  },
  {
    title: 'every alignment from 1 to 2 MiB is kept, or refused where it is above the allowed',
    run(subject) {
      const { largestAlignment, largest, reuses } = subject.traits;
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      for (let exponent = 0; exponent <= 21; exponent++) {
        const alignment = 2 ** exponent;
        if (alignment > largestAlignment) {
          for (const way of ['alloc', 'allocUnsafe'] as const) {
            throwsCode(() => allocator[way](8, alignment), 'ERR_FREEHOLD_LIMIT', `alignment ${alignment}`);
          }
          assert.equal(allocator.tryAlloc(8, alignment), null);
          continue;
        }
        for (const size of [24, Math.min(5000, largest), 1, 0]) {
          if (!ledger.hasRoomFor(size, alignment)) continue;
          const { block } = ledger.alloc(size, alignment);
          assert.equal(block.address % BigInt(alignment), 0n);
          // Where bytes are used again, the next rounds must do it over other neighbours.
          if (reuses === 'every' && size === 1) ledger.free(ledger.held[ledger.held.length - 1]);
        }
        ledger.allocUnsafe(8, alignment);
        ledger.alloc(8, alignment, 'tryAlloc');
      }
      ledger.check();
      ledger.freeAll();
      if (reuses === 'every') ledger.assertNothingUsed('when all is freed');
    },
  },
  {
    title: 'the alignment of a block without one is 16',
    run(subject) {
      const ledger = new Ledger(subject);
      for (const size of [1, 16, 3, 0, 40]) assert.equal(ledger.alloc(size).address % 16, 0);
      assert.equal(
        codeOf(() => ledger.specimen.allocator.alloc(8, undefined)),
        'ok',
      );
    },
  },
];
