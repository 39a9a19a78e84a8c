// @ts-check
// What does the fast path alone cost, without a view, and how far is that from C++?
import { MemPool } from '@thi.ng/malloc';
import koffi from 'koffi';
import { Arena } from 'freehold';
import { loadLimit } from '../lib/native.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';
import { separate } from '../lib/separate.mjs';

const SIZE = 64;
const CHUNK = 1 << 20;
const BLOCKS = CHUNK / SIZE;

// The size is read from an array in every chunk: as a constant it would be folded into the loop, checks and all.
const work = Int32Array.of(BLOCKS, SIZE);

/**
 * @typedef {Int32Array} Work
 * @typedef {(work: Work) => number} Loop one chunk's worth; returns what keeps the offsets alive (^= and not +=: a sum of
 *   offsets leaves the integers, and adding doubles would take three times as long as the bump)
 * @typedef {typeof koffi} Koffi
 */

/** @type {Loop} */
const arena = separate((/** @type {Arena} */ arena) => (/** @type {Work} */ work) => {
  const [blocks, size] = work;
  let sum = 0;
  for (let k = 0; k < blocks; k++) sum ^= arena.bump(size);
  arena.reset();
  return sum;
})(new Arena({ initialBytes: CHUNK }));

/** @type {Loop} */
const memPool = separate((/** @type {MemPool} */ pool) => (/** @type {Work} */ work) => {
  const [blocks, size] = work;
  let sum = 0;
  for (let k = 0; k < blocks; k++) sum ^= pool.malloc(size);
  pool.freeAll();
  return sum;
})(new MemPool({ size: 2 * CHUNK }));

/** @type {Loop} */
const koffiAlloc = separate(
  (/** @type {Koffi} */ koffi, /** @type {import('koffi').TypeObject} */ byte) =>
    (/** @type {Work} */ work) => {
      const [blocks, size] = work;
      let misses = 0;
      for (let k = 0; k < blocks; k++) {
        const pointer = koffi.alloc(byte, size);
        if (!pointer) misses++;
        koffi.free(pointer);
      }
      return misses;
    },
)(koffi, koffi.types.uint8_t);

/** @param {Loop} loop */
const timed = (loop) => () => ({ bump: nanoseconds(() => loop(work), BLOCKS) });

const limit = loadLimit();
const { bump } = await interleave(
  {
    [OURS]: timed(arena),
    '@thi.ng/malloc': timed(memPool),
    'koffi.alloc': timed(koffiAlloc),
    'C++ pmr': () => ({ bump: limit.bump(SIZE, CHUNK, 1000) }),
  },
  { rounds: 15, warmup: 3 },
);

report({
  question: 'bump without a view',
  rows: [
    {
      title: 'bump 64 B, no view',
      unit: 'ns',
      note: '1 MiB chunk, one safe reset for 16,384 bumps included; MemPool: malloc and freeAll; koffi: alloc and free',
      cells: bump,
    },
  ],
  claims: [
    claim('bump against the C++ limit, times', bump[OURS].median / bump['C++ pmr'].median, 'at most', 2),
  ],
  doesNotShow: [
    'the cost of reading or writing the memory: the offsets are mixed into one number and nothing is touched',
  ],
});
