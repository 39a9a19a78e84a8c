// @ts-check
// cycles.mjs freehold | v8: builds graphs, drops them, and collects. A line `<graph> <nodes>` is answered with what that took,
// in nanoseconds; `live <nodes>` makes a tree that lives from then on.
import { createInterface } from 'node:readline';
import { RcHeap } from 'freehold';
import { buildGraph, buildLive, referencesOf, releaseAll } from '../../lib/rc-graphs.mjs';

/** @typedef {{ a: Node | null, b: Node | null }} Node */

const now = () => Number(process.hrtime.bigint());

function freehold() {
  const heap = new RcHeap({ automatic: false });
  return {
    live: (/** @type {number} */ nodes) => {
      buildLive(heap, nodes);
      // What lives is not among the candidates any more.
      heap.collect();
    },
    measure(/** @type {string} */ graph, /** @type {number} */ nodes) {
      const blocks = buildGraph(heap, graph, nodes);
      const { collected, touched, blocks: before } = heap.stats();
      const begin = now();
      releaseAll(heap, blocks);
      const dropped = now();
      heap.collect();
      const end = now();
      const after = heap.stats();
      return {
        drop: dropped - begin,
        collect: end - dropped,
        objects: after.collected - collected,
        touched: after.touched - touched,
        left: after.blocks - (before - nodes),
      };
    },
  };
}

function v8() {
  /** @type {Node[]} */
  let alive = [];
  /** @param {string} graph @param {number} nodes */
  function build(graph, nodes) {
    const references = referencesOf(graph, nodes);
    /** @type {Node[]} */
    const all = [];
    for (let node = 0; node < nodes; node++) all.push({ a: null, b: null });
    for (let node = 0; node < nodes; node++) {
      all[node].a = all[references[2 * node]] ?? null;
      all[node].b = all[references[2 * node + 1]] ?? null;
    }
    return all;
  }
  const collect = /** @type {() => void} */ (globalThis.gc);
  return {
    live: (/** @type {number} */ nodes) => {
      alive = build('tree', nodes).slice(0, 1);
      collect();
    },
    measure(/** @type {string} */ graph, /** @type {number} */ nodes) {
      build(graph, nodes);
      const begin = now();
      collect();
      return { collect: now() - begin, objects: nodes, left: alive.length === 1 ? 0 : -1 };
    },
  };
}

const { live, measure } = process.argv[2] === 'v8' ? v8() : freehold();
for await (const line of createInterface({ input: process.stdin })) {
  const [what, nodes] = line.split(' ');
  if (what === 'live') live(Number(nodes));
  console.log(JSON.stringify(what === 'live' ? {} : measure(what, Number(nodes))));
}
