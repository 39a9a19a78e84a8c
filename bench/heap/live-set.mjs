// @ts-check
// 1,000 blocks of a heap are live, and a random one of them gives way to a new one, again and again: what does that cost?
import { Heap } from 'freehold';
import { loadMalloc } from '../lib/native.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { sizesBetween, victimsOf } from '../lib/random.mjs';
import * as peers from '../lib/replacements.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const LIVE = 1000;
const victims = victimsOf(LIVE, 1 << 14);
const malloc = loadMalloc();
const heap = new Heap();

/** @param {peers.Replacements} replacements */
const timed =
  ({ run }) =>
  () => ({ replacement: nanoseconds(run, victims.length) });

/** @param {Uint32Array} sizes @param {string} name @returns {Promise<Row>} */
async function measure(sizes, name) {
  const plan = { live: LIVE, victims, sizes };
  const { replacement } = await interleave(
    {
      [OURS]: timed(peers.block(heap, plan)),
      'Buffer.allocUnsafe': timed(peers.buffer('allocUnsafe', plan)),
      'Buffer.allocUnsafeSlow': timed(peers.buffer('allocUnsafeSlow', plan)),
      '@thi.ng/malloc': timed(peers.memPool(64 << 20, plan)),
      'koffi.alloc': timed(peers.koffiAlloc(plan)),
      'C malloc': () => ({ replacement: malloc.replace(sizes, LIVE, victims, 10) }),
    },
    { rounds: 9, warmup: 2 },
  );
  return { title: `heap live set, ${name}`, unit: 'ns', cells: replacement };
}

const rows = [
  await measure(Uint32Array.of(64), '64 B'),
  await measure(sizesBetween(16, 4096, 1 << 14), '16 B to 4 KiB'),
  await measure(sizesBetween(16, 32_768, 1 << 14), '16 B to 32 KiB'),
];
const [{ cells: same }] = rows;

report({
  question: 'blocks of a heap, 1,000 live, random replacement',
  rows,
  claims: [
    claim(
      'heap live set of 64 B against @thi.ng/malloc, times faster',
      same['@thi.ng/malloc'].median / same[OURS].median,
      'at least',
      30,
    ),
  ],
  doesNotShow: [
    'the memory that it takes (the questions "trace" and "fragmentation" do)',
    'live sets that do not fit into the caches of the processor (the question "many live blocks" does)',
  ],
});
