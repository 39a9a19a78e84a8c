// @ts-check
// A child of bench/debug/recording: what an allocation and a free cost with debug mode as its argument says. Its allocator is asked
// twelve calls deep, as programs do.
import { setImmediate as turn } from 'node:timers/promises';
import { Heap, configure } from 'freehold';

const BLOCKS = 2000;
const ROUNDS = 40;
const WARMUP = 15;
const SIZE = 64;

const debug = JSON.parse(process.argv[2] ?? 'null');
if (debug !== null) configure({ debug: { onLeak: 'ignore', ...debug } });

const heap = new Heap();
const blocks = new Array(BLOCKS);

/**
 * @param {number} depth
 * @param {() => void} run
 * @returns {number}
 */
function called(depth, run) {
  if (depth === 0) {
    run();
    return 0;
  }
  return called(depth - 1, run) + 1;
}

const allocate = () => {
  for (let i = 0; i < BLOCKS; i++) blocks[i] = heap.alloc(SIZE);
};
const free = () => {
  for (let i = 0; i < BLOCKS; i++) heap.free(blocks[i]);
};

const allocating = [];
const freeing = [];
for (let round = 0; round < ROUNDS; round++) {
  const begin = performance.now();
  called(12, allocate);
  const middle = performance.now();
  called(12, free);
  const end = performance.now();
  if (round >= WARMUP) {
    allocating.push(((middle - begin) * 1000) / BLOCKS);
    freeing.push(((end - middle) * 1000) / BLOCKS);
  }
  // No collection by force: V8 would begin each round with caches and a heap as small as at the start, which programs do not see.
  await turn();
}
const median = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1];
process.send?.({ alloc: median(allocating), free: median(freeing) });
