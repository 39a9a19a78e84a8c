// @ts-check
// Trees that come and go: what does a program of nothing else cost on handles, on std::shared_ptr and on plain objects?
import { RcHeap } from 'freehold';
import { loadShared } from '../lib/native.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { ofHandles, ofObjects } from '../lib/rc-trees.mjs';
import { interleave } from '../lib/rounds.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const DEPTH = 18;
// Of GCBench: the deepest tree, and the deepest of those that are built again and again.
const STRETCH = 18;
const MOST = 16;
const { shared, counted } = loadShared();
const heap = new RcHeap();

/**
 * What a program says of itself, in milliseconds or nanoseconds per node.
 * @typedef {object} Peer
 * @property {() => number} binaryTrees
 * @property {() => [number, number, number]} oneTree
 * @property {() => number} gcBench
 */

/** @param {import('../lib/rc-trees.mjs').Trees} trees @returns {Peer} */
const inJavaScript = (trees) => ({
  binaryTrees: () => milliseconds(() => trees.binaryTrees(DEPTH)),
  oneTree: () => trees.oneTree(DEPTH),
  gcBench: () => milliseconds(() => trees.gcBench(STRETCH, MOST)),
});

/** @param {import('../lib/native.mjs').Counting} programs @returns {Peer} */
const inCpp = (programs) => ({
  binaryTrees: () => programs.binaryTrees(DEPTH)[0] / 1e6,
  oneTree: () => programs.oneTree(DEPTH),
  gcBench: () => programs.gcBench(STRETCH, MOST) / 1e6,
});

/** @param {() => unknown} run */
function milliseconds(run) {
  const begin = performance.now();
  run();
  return performance.now() - begin;
}

/** @type {Record<string, Peer>} */
const PEERS = {
  [OURS]: inJavaScript(ofHandles(heap)),
  'objects of JavaScript': inJavaScript(ofObjects()),
  'C++ shared_ptr': inCpp(shared),
  ...(counted && { 'C++ not atomic': inCpp(counted) }),
};

/** @param {(peer: Peer) => import('../lib/rounds.mjs').Figures} of @param {import('../lib/rounds.mjs').RoundOptions} options */
const measured = (of, options) =>
  interleave(
    Object.fromEntries(Object.entries(PEERS).map(([name, peer]) => [name, () => of(peer)])),
    options,
  );

const tree = await measured(
  ({ oneTree }) => {
    const [build, check, drop] = oneTree();
    return { build, check, drop };
  },
  { rounds: 7, warmup: 3 },
);
const { time: binaryTrees } = await measured((peer) => ({ time: peer.binaryTrees() }), {
  rounds: 3,
  warmup: 0,
});
const { time: gcBench } = await measured((peer) => ({ time: peer.gcBench() }), { rounds: 3, warmup: 1 });

/** @type {Row[]} */
const rows = [
  { title: `binary-trees, depth ${DEPTH}`, unit: 'ms', cells: binaryTrees },
  { title: `GCBench, depth ${STRETCH}`, unit: 'ms', cells: gcBench },
  { title: `one tree of depth ${DEPTH}, built, for each node`, unit: 'ns', cells: tree.build },
  { title: 'its nodes counted', unit: 'ns', cells: tree.check },
  { title: 'dropped', unit: 'ns', note: 'objects of JavaScript: a whole collection', cells: tree.drop },
];

report({
  question: 'trees that come and go',
  rows,
  claims: [
    claim(
      'binary-trees on handles against std::shared_ptr, times as long',
      binaryTrees[OURS].median / binaryTrees['C++ shared_ptr'].median,
      'at most',
      3,
    ),
  ],
  doesNotShow: [
    'objects of JavaScript that live long: these die young, which is what its collector is best at',
    'a program in C++ without threads: the column "not atomic", where libstdc++ has that, comes close to it',
    'the bytes of the nodes: nothing is written to them',
  ],
});
