// @ts-check
// Blocks of all sizes come and go at random, 10 million times, while as many bytes stay live as before: how much memory
// does it take to hold them in the end? Every peer in a process of its own.
import { fileURLToPath } from 'node:url';
import { ask } from '../lib/child.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { summarize } from '../lib/statistics.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const LIVE_MIB = [64, 256];
const REPLACEMENTS = 10_000_000;
// With Buffers each takes microseconds, and what they hold does not change any more after this many.
const BUFFER_REPLACEMENTS = 1_000_000;
const child = fileURLToPath(new URL('children/fragmentation.mjs', import.meta.url));
const PEERS = {
  [OURS]: 'heap',
  'Buffer.allocUnsafe': 'allocUnsafe',
  'Buffer.allocUnsafeSlow': 'allocUnsafeSlow',
  'C malloc': 'cMalloc',
};

/** @param {number} mebibytes @returns {Promise<Row[]>} */
async function measure(mebibytes) {
  /** @type {Record<string, Record<string, number>>} */
  const found = {};
  for (const [peer, name] of Object.entries(PEERS))
    found[peer] = await ask(child, [
      name,
      String(mebibytes * 2 ** 20),
      String(peer.startsWith('Buffer') ? BUFFER_REPLACEMENTS : REPLACEMENTS),
    ]);
  const row = (/** @type {string} */ title, /** @type {string} */ metric, /** @type {string} */ note) => {
    const cells = Object.entries(found).filter(([, figures]) => metric in figures);
    return {
      title: `${title}, ${mebibytes} MiB live`,
      unit: 'x',
      note,
      cells: Object.fromEntries(cells.map(([peer, figures]) => [peer, summarize([figures[metric]])])),
    };
  };
  const { blocks } = found[OURS];
  const work =
    `${blocks.toLocaleString('en-US')} blocks of 16 B to 32 KiB, ${REPLACEMENTS.toLocaleString('en-US')} times freed and ` +
    `allocated (Buffers: ${BUFFER_REPLACEMENTS.toLocaleString('en-US')})`;
  return [
    row(
      'fragmentation, committed',
      'committed',
      `all slabs and metadata per live byte, touched or not; ${work}`,
    ),
    row(
      'fragmentation, resident',
      'resident',
      'pages of the slabs that are in memory (mincore), and metadata',
    ),
    row('fragmentation, RSS', 'rss', 'growth of the process, with the JavaScript objects'),
  ];
}

/** @type {Row[]} */
const rows = [];
for (const mebibytes of LIVE_MIB) rows.push(...(await measure(mebibytes)));

report({
  question: 'fragmentation',
  rows,
  claims: rows
    .filter(({ title }) => !title.includes('RSS'))
    .map(({ title, cells }) => claim(`${title}, times the live bytes`, cells[OURS].median, 'at most', 1.25)),
  doesNotShow: [
    'blocks above 32 KiB, which have pages of their own',
    'programs whose sizes change with time: what a class of sizes has, another one gets back only when a slab is empty',
  ],
});
