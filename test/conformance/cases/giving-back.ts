import assert from 'node:assert/strict';
import { codeOf, randomBelow, throwsCode } from '../checks.ts';
import { Ledger } from '../ledger.ts';
import { type Case } from '../subject.ts';

/** A view of some of a block's bytes that no allocator made. */
function part(block: Uint8Array, offset: number, byteLength: number): Uint8Array {
  return new Uint8Array(block.buffer, block.byteOffset + offset, byteLength);
}

/** What freeing does, and what is no freeing. */
export const givingBack: readonly Case[] = [
  {
    title: 'freed bytes are used again: the addresses and the reserve of many rounds are those of a few',
    run(subject) {
      const { largest, reuses } = subject.traits;
      const ledger = new Ledger(subject);
      // Multiples of 16: no padding, so that even a cursor is where it was.
      const sizes = [16, 112, 32, 704, 2000, 64, 5008, 48].filter((size) => size <= largest);
      const random = randomBelow(7);
      const addresses = new Set<number>();
      const rounds = 20 + 180 * subject.effort;
      let reserved = 0;
      for (let round = 0; round < rounds; round++) {
        for (const size of sizes) addresses.add(ledger.allocUnsafe(size).address);
        if (reuses === 'every') {
          while (ledger.held.length > 0) ledger.free(ledger.held[random(ledger.held.length)]);
        } else {
          ledger.freeAll();
        }
        const { bytesReserved } = ledger.specimen.allocator.stats();
        if (round === 20) reserved = bytesReserved;
        if (round > 20)
          assert(bytesReserved <= reserved, `${bytesReserved} bytes reserved, after ${reserved}`);
      }
      const most = sizes.length * 8;
      assert(addresses.size <= most, `${addresses.size} addresses of ${sizes.length} blocks at a time`);
    },
  },
  {
    title: 'the figures add up with every block, and are zero when the last is freed',
    run(subject) {
      const ledger = new Ledger(subject);
      ledger.assertNothingUsed('of a fresh one');
      for (let count = 0; count < 20; count++) {
        ledger.alloc(16 * (count % 5), undefined, count % 2 === 0 ? 'alloc' : 'tryAlloc');
        ledger.checkStats();
      }
      const { bytesPeak } = ledger.specimen.allocator.stats();
      while (ledger.held.length > 0) {
        ledger.free(ledger.held[ledger.held.length - 1]);
        ledger.checkStats();
      }
      ledger.assertNothingUsed('when all is freed');
      ledger.alloc(16);
      assert.equal(ledger.specimen.allocator.stats().bytesPeak, bytesPeak, 'the peak is of all time');
    },
  },
  {
    title: 'typed arrays that array() made are freed like blocks',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      ledger.alloc(32);
      const arrays = [
        allocator.array(Float32Array, 4),
        allocator.array(BigInt64Array, 2),
        allocator.array(Int8Array, 0),
      ];
      for (const array of arrays.toReversed()) allocator.free(array);
      ledger.freeAll();
      if (subject.traits.reuses === 'every') ledger.assertNothingUsed('when all is freed');
    },
  },
  {
    title: 'the end of a scope frees its block once, through the allocator that the program asked',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      const held = [];
      {
        using block = allocator.alloc(48);
        assert.equal(block.allocator, allocator);
        held.push(block);
      }
      ledger.assertNothingUsed('behind the scope');
      // Where every block is known to the last, the second end of a scope finds that this one is nobody's any more.
      if (subject.traits.reuses === 'every') held[0][Symbol.dispose]();
      ledger.alloc(48);
      ledger.check();
    },
  },
  {
    title: 'a second free throws ERR_FREEHOLD_DOUBLE_FREE and changes nothing',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      const entries = [8, 100, 16, 64].map((size) => ledger.alloc(size));
      const chosen = subject.traits.detects === 'every' ? [1, 0, 3] : [3];
      for (const index of chosen) {
        const entry = entries[index];
        ledger.free(entry);
        const before = allocator.stats();
        const title = `block ${index}`;
        throwsCode(() => allocator.free(entry.block), 'ERR_FREEHOLD_DOUBLE_FREE', title);
        throwsCode(() => allocator.free(entry.block), 'ERR_FREEHOLD_DOUBLE_FREE', title);
        throwsCode(() => allocator.realloc(entry.block, 8), 'ERR_FREEHOLD_DOUBLE_FREE', title);
        assert.deepEqual(allocator.stats(), before);
        ledger.check();
      }
      for (const size of [100, 8, 64]) ledger.alloc(size);
      ledger.check();
      ledger.freeAll();
    },
  },
  {
    title: 'views into a block, of any kind, do not free it: ERR_FREEHOLD_INVALID_FREE',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      const { block } = ledger.alloc(64);
      ledger.alloc(64);
      const before = allocator.stats();
      const buffers = { interior: block.subarray(16), misaligned: block.subarray(1, 2) };
      for (const [what, view] of Object.entries(buffers)) {
        throwsCode(() => allocator.free(view), 'ERR_FREEHOLD_INVALID_FREE', what);
      }
      const views = {
        'interior array': part(block, 16, 16),
        'misaligned array': part(block, 3, 5),
        'interior DataView': new DataView(block.buffer, block.byteOffset + 8, 8),
        'empty inside': part(block, 32, 0),
      };
      for (const [what, view] of Object.entries(views)) {
        const code = codeOf(() => allocator.free(view));
        if (!subject.traits.knowsArrays && code === 'ok') continue;
        assert.equal(code, 'ERR_FREEHOLD_INVALID_FREE', what);
      }
      assert.deepEqual(allocator.stats(), before);
      ledger.check();
      ledger.freeAll();
      ledger.assertNothingUsed('when all is freed');
    },
  },
  {
    title: 'what another made, or nobody, is not freed: ERR_FREEHOLD_INVALID_FREE',
    run(subject) {
      const ledger = new Ledger(subject);
      const { allocator } = ledger.specimen;
      ledger.alloc(64);
      const other = new Ledger(subject);
      const foreign = other.alloc(64).block;
      const before = allocator.stats();
      const values: readonly unknown[] = [
        foreign,
        Buffer.alloc(64),
        new Uint8Array(64),
        new DataView(new ArrayBuffer(8)),
        new Uint8Array(new SharedArrayBuffer(8)),
        new ArrayBuffer(8),
        null,
        undefined,
        64,
        'block',
        {},
        Object.create(foreign),
      ];
      for (const [index, value] of values.entries()) {
        throwsCode(() => allocator.free(value as Uint8Array), 'ERR_FREEHOLD_INVALID_FREE', `value ${index}`);
        throwsCode(() => allocator.realloc(value as never, 8), 'ERR_FREEHOLD_INVALID_FREE', `value ${index}`);
      }
      assert.deepEqual(allocator.stats(), before);
      ledger.check();
      other.check();
      other.freeAll();
    },
  },
  {
    title: 'owns knows the blocks of the allocator from what is not',
    run(subject) {
      const ledger = new Ledger(subject);
      const other = new Ledger(subject);
      const { allocator } = ledger.specimen;
      const { block } = ledger.alloc(64);
      const values: readonly unknown[] = [
        other.alloc(64).block,
        Buffer.alloc(8),
        null,
        {},
        5,
        Object.create(block),
      ];
      for (const [index, value] of values.entries()) {
        assert.equal(allocator.owns(value as Uint8Array), false, `value ${index}`);
      }
      assert.equal(allocator.owns(block), true);
      ledger.freeAll();
      if (subject.traits.owns === 'blocks') assert.equal(allocator.owns(block), false, 'after the free');
    },
  },
];
