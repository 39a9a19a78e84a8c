// @ts-check
// What does a Block of a heap cost that is given back at once?
import { Heap } from 'freehold';
import { loadMalloc } from '../lib/native.mjs';
import * as peers from '../lib/pairs.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const PAIRS = 10_000;
const malloc = loadMalloc();
const heap = new Heap();

/** @param {peers.Loop} loop @param {number} size */
function timed(loop, size) {
  const work = Int32Array.of(PAIRS, size);
  return () => ({ pair: nanoseconds(() => loop(work), PAIRS) });
}

/** @param {number} size @param {string} name @returns {Promise<Row[]>} */
async function measure(size, name) {
  const others = {
    'koffi.alloc': timed(peers.koffiAlloc(), size),
    '@thi.ng/malloc': timed(peers.memPoolView(), size),
    'C malloc': () => ({ pair: malloc.pairs(size, 200_000) }),
  };
  const options = { rounds: 15, warmup: 3 };
  const zeroed = await interleave(
    {
      [OURS]: timed(peers.block(heap), size),
      'Buffer.alloc': timed(peers.bufferAlloc(), size),
      ...others,
    },
    options,
  );
  const unsafe = await interleave(
    {
      [OURS]: timed(peers.blockUnsafe(heap), size),
      'Buffer.allocUnsafe': timed(peers.bufferAllocUnsafe(), size),
      'Buffer.allocUnsafeSlow': timed(peers.bufferAllocUnsafeSlow(), size),
      ...others,
    },
    options,
  );
  return [
    { title: `heap Block, ${name} zeroed`, unit: 'ns', cells: zeroed.pair },
    { title: `heap Block, ${name} unsafe`, unit: 'ns', cells: unsafe.pair },
  ];
}

const rows = [
  ...(await measure(64, '64 B')),
  ...(await measure(1024, '1 KiB')),
  ...(await measure(16_384, '16 KiB')),
];
const [{ cells: small }] = rows;

report({
  question: 'blocks of a heap, given back at once',
  rows,
  claims: [
    claim(
      'heap alloc and free of a 64 B Block against koffi, times faster',
      small['koffi.alloc'].median / small[OURS].median,
      'at least',
      3,
    ),
  ],
  doesNotShow: [
    'the cost of using the memory: one byte of each block is written and read',
    '@thi.ng/malloc and C do not zero here, koffi always does',
  ],
});
