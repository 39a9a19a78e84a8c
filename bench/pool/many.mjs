// @ts-check
// Does the cost of a pool's index stay the same from 1,000 to 10 million live blocks?
import { Pool } from 'freehold';
import { bareRead, growth, LARGEST, measureMany } from '../lib/many.mjs';
import { loadMalloc } from '../lib/native.mjs';
import { poolIndex } from '../lib/pairs.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { nanoseconds } from '../lib/rounds.mjs';
import { separate } from '../lib/separate.mjs';

const SIZE = 64;
const PAIRS = 10_000;
const malloc = loadMalloc();

/** @returns {import('../lib/many.mjs').Grow} */
function ours() {
  const pool = new Pool({ blockBytes: SIZE });
  const pairs = poolIndex(pool);
  const table = new Uint32Array(LARGEST);
  let filled = 0;
  const replace = separate(
    (/** @type {Pool} */ pool, /** @type {Uint32Array} */ table) => (/** @type {Uint32Array} */ victims) => {
      for (let k = 0; k < victims.length; k++) {
        const victim = victims[k];
        pool.freeIndex(table[victim]);
        table[victim] = pool.allocIndex();
      }
    },
  )(pool, table);
  const work = Int32Array.of(PAIRS, SIZE);
  return (live) => {
    while (filled < live) table[filled++] = pool.allocIndex();
    return {
      pair: () => nanoseconds(() => pairs(work), PAIRS),
      replace: (victims) => nanoseconds(() => replace(victims), victims.length),
    };
  };
}

const { pair, oldest, random } = await measureMany('pool index', {
  [OURS]: ours(),
  'C malloc': (live) => ({
    replace: (victims) => malloc.replace(Uint32Array.of(SIZE), live, victims, 1),
  }),
  'a bare read': bareRead(),
});

report({
  question: 'a pool with many live blocks',
  rows: [...pair, ...oldest, ...random],
  claims: [
    claim('pool index pairs, 10 million live against 1,000, times', growth(pair, OURS), 'at most', 1.5),
    claim(
      'pool indices in a queue, 10 million live against 1,000, times',
      growth(oldest, OURS),
      'at most',
      1.5,
    ),
    claim(
      'pool index replaced among 10 million, times what C malloc takes',
      random[random.length - 1].cells[OURS].median / random[random.length - 1].cells['C malloc'].median,
      'at most',
      1,
    ),
  ],
  doesNotShow: [
    'the cost of the blocks themselves: nothing is read or written in them',
    'a cost of the allocator alone: what is chosen at random among many is not in the caches, and waiting for memory is ' +
      'most of what a replacement costs then (a bare read is one such wait)',
  ],
});
