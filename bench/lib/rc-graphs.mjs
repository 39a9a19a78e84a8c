// @ts-check
// The graphs of bench/rc/cycles.mjs: every node has two references, of which some lead nowhere. children/cycles.py and
// children/cycles.nim have the same ones.

/** @typedef {(node: number) => [number, number]} Graph what a node refers to: nodes, or -1 for none */

/** @type {Record<string, (nodes: number) => Graph>} */
export const GRAPHS = {
  ring: (nodes) => (node) => [node + 1 === nodes ? 0 : node + 1, -1],
  pairs: () => (node) => [node ^ 1, -1],
  list: (nodes) => (node) => [node - 1, node + 1 === nodes ? -1 : node + 1],
  random: (nodes) => {
    let state = 1;
    const draw = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state * nodes) / 2 ** 32);
    };
    return () => [draw(), draw()];
  },
  tree: (nodes) => (node) => [
    2 * node + 1 < nodes ? 2 * node + 1 : -1,
    2 * node + 2 < nodes ? 2 * node + 2 : -1,
  ],
};

/**
 * The references of all nodes, two after the other.
 * @param {string} name
 * @param {number} nodes
 */
export function referencesOf(name, nodes) {
  const graph = GRAPHS[name](nodes);
  const references = new Int32Array(2 * nodes);
  for (let node = 0; node < nodes; node++) {
    const [one, other] = graph(node);
    references[2 * node] = one;
    references[2 * node + 1] = other;
  }
  return references;
}

/**
 * Builds a graph of blocks.
 * @param {import('freehold').RcHeap} heap
 * @param {string} name
 * @param {number} nodes
 * @returns {Int32Array} a handle of each
 */
export function buildGraph(heap, name, nodes) {
  const references = referencesOf(name, nodes);
  const blocks = new Int32Array(nodes);
  for (let node = 0; node < nodes; node++) blocks[node] = heap.allocHandle(16, 2);
  for (let at = 0; at < references.length; at++) {
    if (references[at] >= 0) heap.setRef(blocks[at >> 1], at & 1, blocks[references[at]]);
  }
  return blocks;
}

/**
 * @param {import('freehold').RcHeap} heap
 * @param {Int32Array} blocks
 */
export function releaseAll(heap, blocks) {
  for (let node = 0; node < blocks.length; node++) heap.release(blocks[node]);
}

/**
 * A tree of live blocks behind one handle.
 * @param {import('freehold').RcHeap} heap
 * @param {number} nodes
 * @returns {Int32Array} all of them; only the first one's handle is the caller's
 */
export function buildLive(heap, nodes) {
  const blocks = buildGraph(heap, 'tree', nodes);
  releaseAll(heap, blocks.subarray(1));
  return blocks;
}
