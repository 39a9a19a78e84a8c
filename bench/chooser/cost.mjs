// @ts-check
// One 64 B block from every allocator, given back the way it is meant to be: what does it cost, in time and in memory?
import * as freehold from 'freehold';
import { report } from '../lib/question.mjs';
import { blockUnsafe, bufferAllocUnsafe, bufferAllocUnsafeSlow, poolIndex } from '../lib/pairs.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';
import { separate } from '../lib/separate.mjs';
import { summarize } from '../lib/statistics.mjs';

/**
 * @typedef {import('../lib/question.mjs').Row} Row
 * @typedef {import('../lib/pairs.mjs').Loop} Loop
 */

const { Arena, FixedBuffer, Heap, Pool, Stack, pageAllocator } = freehold;
const SIZE = 64;
const CALLS = 8192;
/** Blocks to a frame of a stack. */
const FRAME = 16;
const ROOM = 2 * CALLS * SIZE;
const LIVE = 100_000;

/** For what is given back in bulk. @param {{ allocUnsafe(size: number): Uint8Array, reset(): void }} allocator @returns {Loop} */
const inBulk = (allocator) =>
  separate((/** @type {typeof allocator} */ allocator) => (/** @type {Int32Array} */ work) => {
    const [blocks, size] = work;
    let sum = 0;
    for (let k = 0; k < blocks; k++) {
      const block = allocator.allocUnsafe(size);
      block[0] = k;
      sum += block[0];
    }
    allocator.reset();
    return sum;
  })(allocator);

/** @returns {Loop} */
const bumped = () =>
  separate((/** @type {freehold.Arena} */ arena) => (/** @type {Int32Array} */ work) => {
    const [blocks, size] = work;
    let sum = 0;
    for (let k = 0; k < blocks; k++) sum ^= arena.bump(size);
    arena.reset();
    return sum;
  })(new Arena({ initialBytes: ROOM }));

/** @returns {Loop} */
const framed = (/** @type {'detach' | 'reuse'} */ mode) =>
  separate(
    (/** @type {freehold.Stack} */ stack, /** @type {number} */ perFrame) =>
      (/** @type {Int32Array} */ work) => {
        const [blocks, size] = work;
        let sum = 0;
        for (let k = 0; k < blocks; k += perFrame) {
          const frame = stack.frame();
          for (let i = 0; i < perFrame; i++) {
            const block = stack.allocUnsafe(size);
            block[0] = i;
            sum += block[0];
          }
          frame.end();
        }
        return sum;
      },
  )(new Stack({ bytes: ROOM, mode }), FRAME);

/** @param {Loop} loop @param {number} [calls] fewer for what takes microseconds */
function timed(loop, calls = CALLS) {
  const work = Int32Array.of(calls, SIZE);
  return () => ({ time: nanoseconds(() => loop(work), calls) });
}

// A block of each stays, as in programs: the collector takes the shape of an object when there is none left, and with it
// the code that was compiled for it.
const fixed = new FixedBuffer(new ArrayBuffer(ROOM));
const kept = [fixed.alloc(SIZE), new Stack().alloc(SIZE), new Arena().alloc(SIZE)];

const pool = () => new Pool({ blockBytes: SIZE });
const { time: blocks } = await interleave(
  {
    Arena: timed(inBulk(new Arena({ initialBytes: ROOM }))),
    Pool: timed(blockUnsafe(pool())),
    Heap: timed(blockUnsafe(new Heap())),
    FixedBuffer: timed(inBulk(fixed)),
    Stack: timed(framed('detach')),
    "Stack, mode 'reuse'": timed(framed('reuse')),
    pageAllocator: timed(blockUnsafe(pageAllocator()), 256),
    'Buffer.allocUnsafe': timed(bufferAllocUnsafe()),
    'Buffer.allocUnsafeSlow': timed(bufferAllocUnsafeSlow()),
  },
  { rounds: 9, warmup: 4 },
);
const { time: bare } = await interleave(
  { Arena: timed(bumped()), Pool: timed(poolIndex(pool())) },
  { rounds: 9, warmup: 4 },
);

const sink = () => {};
const { time: wrapped } = await interleave(
  {
    Pool: timed(blockUnsafe(pool())),
    limited: timed(blockUnsafe(freehold.limited(pool(), 2 ** 30))),
    fallback: timed(blockUnsafe(freehold.fallback(pool(), new Heap()))),
    failing: timed(blockUnsafe(freehold.failing(pool(), {}))),
    'tracking, no stacks': timed(blockUnsafe(freehold.tracking(pool(), { stackFrames: 0 })), 1024),
    tracking: timed(blockUnsafe(freehold.tracking(pool())), 256),
    logging: timed(blockUnsafe(freehold.logging(pool(), sink)), 1024),
  },
  { rounds: 9, warmup: 4 },
);

/** Bytes of JavaScript's heap that each live block takes. @param {() => unknown} take */
function javascript(take) {
  /** @type {unknown[]} */
  const kept = new Array(LIVE).fill(null);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < LIVE; i++) kept[i] = take();
  globalThis.gc?.();
  const bytes = (process.memoryUsage().heapUsed - before) / kept.length;
  return summarize([bytes]);
}

const livePool = pool();
const liveHeap = new Heap();
const liveArena = new Arena();
const liveStack = new Stack({ bytes: LIVE * SIZE });
const liveFixed = new FixedBuffer(new ArrayBuffer(LIVE * SIZE + SIZE));
const objects = {
  Arena: javascript(() => liveArena.allocUnsafe(SIZE)),
  Pool: javascript(() => livePool.allocUnsafe()),
  Heap: javascript(() => liveHeap.allocUnsafe(SIZE)),
  FixedBuffer: javascript(() => liveFixed.allocUnsafe(SIZE)),
  Stack: javascript(() => liveStack.allocUnsafe(SIZE)),
  'Buffer.allocUnsafe': javascript(() => Buffer.allocUnsafe(SIZE)),
  'Buffer.allocUnsafeSlow': javascript(() => Buffer.allocUnsafeSlow(SIZE)),
};
const metadata = {
  Pool: summarize([livePool.stats().bytesMetadata / livePool.stats().capacity]),
  Heap: summarize([liveHeap.stats().bytesMetadata / liveHeap.stats().blocks]),
};
kept.length = 0;

report({
  question: 'one block of each allocator',
  rows: [
    { title: 'a 64 B Block, not zeroed, and its end', unit: 'ns', cells: blocks },
    { title: 'the same without a Block', unit: 'ns', cells: bare },
    { title: 'a Block of a wrapped pool', unit: 'ns', cells: wrapped },
    { title: 'metadata for each of 100,000 blocks', unit: 'bytes', cells: metadata },
    { title: 'JavaScript heap for each of 100,000 blocks', unit: 'bytes', cells: objects },
  ],
  claims: [],
  doesNotShow: [
    `what is given back in bulk has its share of that in the figure: ${CALLS.toLocaleString('en-US')} blocks to a reset, ` +
      `${FRAME} to a frame`,
    'zeroing, and the use of the memory beyond one byte',
  ],
});
