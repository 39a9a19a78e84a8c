// @ts-check
// Does the cost of a heap's Block stay the same from 1,000 to 10 million live ones?
import { Heap } from 'freehold';
import { bareRead, growth, measureMany } from '../lib/many.mjs';
import { loadMalloc } from '../lib/native.mjs';
import { blockUnsafe } from '../lib/pairs.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { nanoseconds } from '../lib/rounds.mjs';
import { separate } from '../lib/separate.mjs';

const SIZE = 64;
const PAIRS = 10_000;
const malloc = loadMalloc();

/** @returns {import('../lib/many.mjs').Grow} */
function ours() {
  const heap = new Heap();
  const pairs = blockUnsafe(heap);
  /** @type {Uint8Array[]} */
  const table = [];
  const replace = separate(
    (/** @type {Heap} */ heap, /** @type {Uint8Array[]} */ table, /** @type {number} */ size) =>
      (/** @type {Uint32Array} */ victims) => {
        for (let k = 0; k < victims.length; k++) {
          const victim = victims[k];
          heap.free(table[victim]);
          table[victim] = heap.allocUnsafe(size);
        }
      },
  )(heap, table, SIZE);
  const work = Int32Array.of(PAIRS, SIZE);
  return (live) => {
    while (table.length < live) table.push(heap.allocUnsafe(SIZE));
    // The blocks are new objects: without this, the collector would move them while the clock runs.
    globalThis.gc?.();
    return {
      pair: () => nanoseconds(() => pairs(work), PAIRS),
      replace: (victims) => nanoseconds(() => replace(victims), victims.length),
    };
  };
}

const { pair, oldest, random } = await measureMany('heap Block', {
  [OURS]: ours(),
  'C malloc': (live) => ({
    replace: (victims) => malloc.replace(Uint32Array.of(SIZE), live, victims, 1),
  }),
  'a bare read': bareRead(),
});

report({
  question: 'a heap with many live blocks',
  rows: [...pair, ...oldest, ...random],
  claims: [
    claim('heap Block pairs, 10 million live against 1,000, times', growth(pair, OURS), 'at most', 1.5),
    claim(
      'heap Blocks in a queue, 10 million live against 1,000, times',
      growth(oldest, OURS),
      'at most',
      1.5,
    ),
  ],
  doesNotShow: [
    'the collections that 10 million Blocks cost as JavaScript objects: nothing here makes garbage',
    'a cost of the allocator alone: what is chosen at random among many is not in the caches, and waiting for memory is ' +
      'most of what a replacement costs then (a bare read is one such wait)',
  ],
});
