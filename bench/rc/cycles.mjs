// @ts-check
// A graph full of cycles is dropped: what does it cost to find that, and to free it? Each node has a handle at first, as in
// the peers it is in a list; then all are released, and the collection is timed. Every peer in a process of its own, and a new
// one for each graph: what has lived and died before decides where in the memory the next graph comes to lie.
import { fileURLToPath } from 'node:url';
import { converse, versionOf } from '../lib/converse.mjs';
import { nimProgram } from '../lib/nim.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { repeat } from '../lib/rounds.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const NODES = 1_000_000;
const LIVE = 1_000_000;
const PYTHON = 'CPython gc.collect';
const NIM = 'Nim ORC';
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

const GRAPHS = [
  { graph: 'ring', title: 'a ring' },
  { graph: 'pairs', title: 'pairs' },
  { graph: 'random', title: 'a random graph' },
  { graph: 'list', title: 'a doubly linked list' },
];

const python = versionOf('python3');
const compiler = versionOf('nim');
const nim = compiler && nimProgram(here('children/cycles.nim'), 'cycles');
const versions = [python, nim && compiler].filter(Boolean).join(', ');
/** What each peer is started with. @type {Record<string, readonly [command: string, ...args: string[]]>} */
const PEERS = {
  [OURS]: [process.execPath, here('children/cycles.mjs'), 'freehold'],
  ...(python && { [PYTHON]: ['python3', here('children/cycles.py')] }),
  ...(nim && { [NIM]: [nim] }),
  'V8 gc()': [process.execPath, '--expose-gc', here('children/cycles.mjs'), 'v8'],
};

/**
 * The last of the answers.
 * @param {string} peer
 * @param {readonly string[]} questions
 */
async function answerOf(peer, questions) {
  const [command, ...args] = PEERS[peer];
  const { ask, end } = converse(command, args);
  /** @type {Record<string, number>} */
  let answer = {};
  for (const question of questions) answer = await ask(question);
  end();
  return answer;
}

/**
 * @param {string} graph
 * @param {string} title
 * @param {readonly string[]} [before] what is asked before that
 * @param {number} [rounds]
 * @returns {Promise<Row[]>}
 */
async function measure(graph, title, before = [], rounds = 3) {
  let objects = NODES;
  const { collect, both } = await repeat(
    Object.keys(PEERS),
    async (order) => {
      /** @type {Record<string, Record<string, number>>} */
      const answers = {};
      for (const peer of order) answers[peer] = await answerOf(peer, [...before, `${graph} ${NODES}`]);
      // Those of a random graph that nothing refers to are no garbage of a collection: they die when they are released.
      objects = answers[OURS].objects;
      if (answers[OURS].left !== 0) throw new Error(`${answers[OURS].left} blocks of ${title} are left`);
      return Object.fromEntries(
        Object.entries(answers).map(([peer, { drop, collect }]) => [
          peer,
          { collect: collect / objects, ...(drop !== undefined && { both: (drop + collect) / NODES }) },
        ]),
      );
    },
    { rounds, warmup: 0 },
  );
  const note = `${objects.toLocaleString('en-US')} of ${NODES.toLocaleString('en-US')} are the collection's; per one of them; ${versions}`;
  return [
    { title: `${title}, collected`, unit: 'ns', note, cells: collect },
    { title: `${title}, released and collected`, unit: 'ns', note: 'per node', cells: both },
  ];
}

/** @type {Row[]} */
const rows = [];
for (const { graph, title } of GRAPHS) rows.push(...(await measure(graph, title, [], 5)));
for (const { graph, title } of GRAPHS) {
  const [collected] = await measure(graph, title, [`live ${LIVE}`]);
  rows.push({ ...collected, title: `${title}, collected beside ${LIVE.toLocaleString('en-US')} live` });
}
const [after] = await measure('ring', 'a ring', [`random ${NODES}`]);
rows.push({ ...after, title: 'a ring, collected, where a random graph was before' });

const claims = ['a ring', 'pairs', 'a random graph'].flatMap((title) => {
  const cells = rows.find((row) => row.title === `${title}, collected`)?.cells ?? {};
  const against = (/** @type {string} */ peer, /** @type {number} */ wanted) =>
    cells[peer] === undefined
      ? []
      : [
          claim(
            `${title} of 1M against ${peer}, times faster`,
            cells[peer].median / cells[OURS].median,
            'at least',
            wanted,
          ),
        ];
  return [...against(PYTHON, 4), ...against(NIM, 1)];
});

report({
  question: 'cycles that are dropped',
  rows,
  claims,
  doesNotShow: [
    'collections that V8 makes by itself, most of them of young objects only: gc() is a full one, whose time is that of what ' +
      'lives, and what it sweeps later is not in it',
    'what a node is: 16 bytes and 24 of tables and 12 for its references here, 32 and 16 for the collector in CPython; more ' +
      'of ours fit into the caches of the processor',
    "destructors: CPython's and Nim's collectors are ready to run some for each object",
    'graphs that came about in another order than that of their references (but for the random one)',
  ],
});
