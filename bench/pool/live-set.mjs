// @ts-check
// 1,000 blocks are live, and a random one of them gives way to a new one, again and again: what does that cost?
import { Pool } from 'freehold';
import { loadMalloc } from '../lib/native.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { victimsOf } from '../lib/random.mjs';
import * as peers from '../lib/replacements.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const LIVE = 1000;
const victims = victimsOf(LIVE, 1 << 14);
const malloc = loadMalloc();

/** @param {peers.Replacements} replacements */
const timed =
  ({ run }) =>
  () => ({ replacement: nanoseconds(run, victims.length) });

/** @param {number} size @param {string} name @returns {Promise<Row[]>} */
async function measure(size, name) {
  const pool = new Pool({ blockBytes: size });
  const plan = { live: LIVE, victims, sizes: Uint32Array.of(size) };
  const pointers = {
    'C malloc': () => ({ replacement: malloc.replace(plan.sizes, LIVE, victims, 10) }),
    '@thi.ng/malloc': timed(peers.memPool(4 << 20, plan)),
    'koffi.alloc': timed(peers.koffiAlloc(plan)),
  };
  const options = { rounds: 9, warmup: 2 };
  const index = await interleave({ [OURS]: timed(peers.poolIndex(pool, plan)), ...pointers }, options);
  const block = await interleave(
    {
      [OURS]: timed(peers.block(pool, plan)),
      'Buffer.allocUnsafe': timed(peers.buffer('allocUnsafe', plan)),
      'Buffer.allocUnsafeSlow': timed(peers.buffer('allocUnsafeSlow', plan)),
      ...pointers,
    },
    options,
  );
  return [
    { title: `live set, index, ${name}`, unit: 'ns', cells: index.replacement },
    { title: `live set, Block, ${name}`, unit: 'ns', cells: block.replacement },
  ];
}

const rows = [...(await measure(64, '64 B')), ...(await measure(1024, '1 KiB'))];
const [{ cells: index }] = rows;

report({
  question: 'blocks of a pool, 1,000 live, random replacement',
  rows,
  claims: [
    claim(
      'pool live set against @thi.ng/malloc, times faster',
      index['@thi.ng/malloc'].median / index[OURS].median,
      'at least',
      100,
    ),
  ],
  doesNotShow: [
    'live sets that do not fit into the caches of the processor (the question "many live blocks" does)',
    'blocks of Buffer that live so long that the collector has moved them to its old generation',
  ],
});
