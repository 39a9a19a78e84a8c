// @ts-check
// What do counts cost, and what a block that is given back at once?
import { Heap, Pool, RcHeap } from 'freehold';
import { native } from '../../dist/native.js';
import { loadMalloc, loadShared } from '../lib/native.mjs';
import * as pairs from '../lib/pairs.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { victimsOf } from '../lib/random.mjs';
import * as peers from '../lib/rc-counts.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const PAIRS = 10_000;
const IN_CPP = 1_000_000;
const SIZE = 64;
const SCATTERED = 100_000;
const { shared, counted } = loadShared();
const malloc = loadMalloc();
const heap = new RcHeap();

/** @param {pairs.Loop} loop */
function timed(loop, operations = PAIRS) {
  const work = Int32Array.of(PAIRS, SIZE);
  return () => ({ pair: nanoseconds(() => loop(work), operations) });
}

/** The programs over std::shared_ptr, atomic and not. @param {'copies' | 'objects'} name */
const inCpp = (name) => ({
  'C++ shared_ptr': () => ({ pair: shared[name](IN_CPP) }),
  ...(counted && { 'C++ not atomic': () => ({ pair: counted[name](IN_CPP) }) }),
});

/**
 * @param {string} title
 * @param {Record<string, () => import('../lib/rounds.mjs').Figures>} columns
 * @returns {Promise<Row>}
 */
async function row(title, columns) {
  const { pair } = await interleave(columns, { rounds: 11, warmup: 3 });
  return { title, unit: 'ns', cells: pair };
}

// A heap that only the addon works on: a heap of ours keeps its handle to itself.
const handle = native.createRcHeap();
if (handle === undefined) throw new Error('there is no memory for a heap');
const made = native.rcAllocate(handle, SIZE, 0);
const block = typeof made === 'number' ? made : made.index;
const victims = victimsOf(SCATTERED, PAIRS);

const rows = [
  await row('retain and release', {
    [OURS]: timed(peers.retains(heap)),
    'N-API': timed(peers.calledRetains(native.rcRetain, native.rcRelease, handle, block)),
    ...inCpp('copies'),
  }),
  await row(`the same, random ones of ${SCATTERED.toLocaleString('en-US')} blocks`, {
    [OURS]: timed(peers.scatteredRetains(heap, victims)),
  }),
  await row('64 B by handle, and its release', {
    [OURS]: timed(peers.handles(heap, 0)),
    'Pool, by index': timed(pairs.poolIndex(new Pool({ blockBytes: SIZE }))),
    'C malloc': () => ({ pair: malloc.pairs(SIZE, IN_CPP) }),
    ...inCpp('objects'),
  }),
  await row('the same with room for 2 references', { [OURS]: timed(peers.handles(heap, 2)) }),
  await row('a parent, its child, moveRef, and their release', { [OURS]: timed(peers.families(heap)) }),
  await row('setRef from one block to another', { [OURS]: timed(peers.turns(heap)) }),
  await row('peekRef', { [OURS]: timed(peers.looks(heap)) }),
  await row('64 B Rc, and its release', {
    [OURS]: timed(peers.objects(heap)),
    'Heap Block': timed(pairs.blockUnsafe(new Heap())),
    'Buffer.allocUnsafe': timed(pairs.bufferAllocUnsafe()),
    'Buffer.allocUnsafeSlow': timed(pairs.bufferAllocUnsafeSlow()),
  }),
];
const [{ cells: counts }] = rows;

report({
  question: 'counts of references, and blocks that are released at once',
  rows,
  claims: [
    claim('retain and release by handle, ns', counts[OURS].median, 'at most', 5),
    claim(
      'retain and release by handle against the same through N-API, times faster',
      counts['N-API'].median / counts[OURS].median,
      'at least',
      5,
    ),
  ],
  doesNotShow: [
    'std::shared_ptr in a program without threads: node has some, so its counts are atomic; not atomic is ' +
      "libstdc++'s own pointer with plain counts, which such a program would get",
    'blocks while a collection is under way: what changes the graph then is a call of the addon each time',
    'releases that free other blocks, or make a candidate of one (the questions on trees and cycles do)',
  ],
});
