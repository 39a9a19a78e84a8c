// @ts-check
// How long does a collection hold up the program, and what does its time depend on?
import { RcHeap } from 'freehold';
import { availableMemory } from '../lib/resident.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { buildGraph, buildLive, releaseAll } from '../lib/rc-graphs.mjs';
import { interleave } from '../lib/rounds.mjs';
import { summarize } from '../lib/statistics.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const MAX_PAUSE_MS = 1;
// 100 bytes each while the tables grow, and as much again for the process around it.
const LARGEST = availableMemory() > 4 * 2 ** 30 ? 10_000_000 : 8_000_000;
const PAUSE_ROUNDS = 3;
const LIVE = 1_000_000;
const CANDIDATES = 10_000;
/** What a collection may touch beside the candidates. */
const FEW = 100;
const RING = 4;
const RINGS = 250_000;
const count = (/** @type {number} */ n) => n.toLocaleString('en-US');

/**
 * Collects in parts, as a program would between its other work.
 * @param {RcHeap} heap
 */
function inParts(heap) {
  let parts = 0;
  let longest = 0;
  let total = 0;
  for (let done = false; !done; parts++) {
    const begin = performance.now();
    done = heap.collect({ maxPauseMs: MAX_PAUSE_MS });
    const pause = performance.now() - begin;
    longest = Math.max(longest, pause);
    total += pause;
  }
  return { longest, parts, total };
}

/** @param {string} graph @returns {Promise<{ rows: Row[], left: number }>} */
async function pauses(graph) {
  let left = 0;
  const found = await interleave(
    {
      [OURS]: () => {
        const heap = new RcHeap({ automatic: false });
        releaseAll(heap, buildGraph(heap, graph, LARGEST));
        const figures = inParts(heap);
        left += heap.stats().blocks;
        heap.dispose();
        return figures;
      },
    },
    { rounds: PAUSE_ROUNDS, warmup: 0 },
  );
  const title = `collect({ maxPauseMs: ${MAX_PAUSE_MS} }) of ${count(LARGEST)} blocks, ${graph}`;
  return {
    left,
    rows: [
      { title: `${title}: the longest pause`, unit: 'ms', cells: found.longest },
      { title: `${title}: in parts`, unit: 'parts', cells: found.parts },
      { title: `${title}: all of it`, unit: 'ms', cells: found.total },
    ],
  };
}

/**
 * What a collection of candidates touches that refer to themselves and to a block among many that live.
 * @param {(live: Int32Array, candidate: number) => number} target
 */
function touched(target) {
  const heap = new RcHeap({ automatic: false });
  const live = buildLive(heap, LIVE);
  heap.collect();
  const before = heap.stats().touched;
  for (let i = 0; i < CANDIDATES; i++) {
    const candidate = heap.allocHandle(16, 2);
    heap.setRef(candidate, 0, candidate);
    heap.setRef(candidate, 1, target(live, i));
    heap.release(candidate);
  }
  const begin = performance.now();
  heap.collect();
  const milliseconds = performance.now() - begin;
  const after = heap.stats();
  heap.dispose();
  return { touched: after.touched - before, milliseconds };
}

/**
 * Rings of which each refers to the next, and their release in one order or the other.
 * @param {number} rings
 * @param {boolean} forwards
 */
function chain(rings, forwards) {
  const heap = new RcHeap({ automatic: false });
  const blocks = Int32Array.from({ length: rings * RING }, () => heap.allocHandle(16, 2));
  for (let ring = 0; ring < rings; ring++) {
    const first = ring * RING;
    for (let i = 0; i < RING; i++) heap.setRef(blocks[first + i], 0, blocks[first + ((i + 1) % RING)]);
    if (ring + 1 < rings) heap.setRef(blocks[first], 1, blocks[first + RING]);
  }
  if (!forwards) blocks.reverse();
  const begin = performance.now();
  releaseAll(heap, blocks);
  heap.collect();
  const milliseconds = performance.now() - begin;
  const left = heap.stats().blocks;
  if (left !== 0) throw new Error(`${left} blocks are left`);
  heap.dispose();
  return milliseconds;
}

const ring = await pauses('ring');
const random = await pauses('random');
const held = touched((live) => live[0]);
const within = touched((live, i) => live[1 + i]);
const { time } = await interleave(
  Object.fromEntries(
    [true, false].flatMap((forwards) =>
      [RINGS, 2 * RINGS].map((rings) => [`${forwards} ${rings}`, () => ({ time: chain(rings, forwards) })]),
    ),
  ),
  { rounds: 7, warmup: 1 },
);
const chains = [true, false].flatMap((forwards) => {
  const order = forwards ? 'released from the first on' : 'released from the last on';
  const [once, twice] = [RINGS, 2 * RINGS].map((rings) => time[`${forwards} ${rings}`]);
  return [
    { order, once, twice, title: `a chain of ${count(RINGS)} rings, ${order}`, cell: once },
    { order, once, twice, title: `a chain of ${count(2 * RINGS)} rings, ${order}`, cell: twice },
  ];
});
const beside = `${count(CANDIDATES)} candidates beside ${count(LIVE)} live blocks`;

report({
  question: 'pauses of collections',
  rows: [
    ...ring.rows,
    ...random.rows,
    {
      title: `${beside}, referring to the one that has a handle: touched`,
      unit: 'blocks',
      cells: { [OURS]: summarize([held.touched]) },
    },
    {
      title: `${beside}, referring to others: touched`,
      unit: 'blocks',
      note: 'what no handle leads to directly is looked at, to find out whether one does from further away',
      cells: { [OURS]: summarize([within.touched]) },
    },
    ...chains.map(({ title, cell }) => ({ title, unit: 'ms', cells: { [OURS]: cell } })),
  ],
  claims: [
    ...[ring, random].flatMap(({ rows: [longest], left }) => [
      claim(`${longest.title}, ms`, longest.cells[OURS].median, 'at most', 2),
      claim(`${longest.title.replace('the longest pause', 'blocks left')}`, left, 'at most', 0),
    ]),
    claim(
      `touched by a collection of ${beside} behind one handle`,
      held.touched,
      'at most',
      CANDIDATES + FEW,
    ),
    ...chains
      .filter((_, i) => i % 2 === 0)
      .map(({ order, once, twice }) =>
        claim(
          `twice as long a chain of rings, ${order}, times as long`,
          twice.median / once.median,
          'at most',
          2.3,
        ),
      ),
  ],
  doesNotShow: [
    'a bound that holds on any machine: the clock is looked at every 128 nodes and references, but what the system does ' +
      'with the processor in between is in the figure (the median of rounds; the largest is in the results)',
    'what dies by plain release: a chain that nothing holds any more is freed at once, however long it is',
    'collections that begin by themselves: their parts are made by the operations that follow',
  ],
});
