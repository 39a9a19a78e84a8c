import { RcGraph } from './rc-graph.ts';

/** Blocks that refer to each other in a circle: each of them can be reached from each. */
export interface RcCycle {
  /** The handles of the blocks; nobody has taken them. */
  readonly handles: readonly number[];
  /** What the blocks take together, in bytes. */
  readonly bytes: number;
}

/** The cycles in the answer of the addon: for each the number of its blocks, then the blocks. */
export function readCycles(words: Int32Array, bytesOf: (handle: number) => number): RcCycle[] {
  const cycles: RcCycle[] = [];
  for (let at = 0; at < words.length; at += words[at] + 1) {
    const handles = [...words.subarray(at + 1, at + 1 + words[at])].sort((a, b) => a - b);
    cycles.push({ handles, bytes: handles.reduce((sum, handle) => sum + bytesOf(handle), 0) });
  }
  return cycles.sort((a, b) => a.handles[0] - b.handles[0]);
}

/** The living blocks of a graph and their references as text for Graphviz. No index is larger than `last`. */
export function drawDot(
  graph: RcGraph,
  name: string,
  last: number,
  lengthOf: (handle: number) => number,
): string {
  const lines = [`digraph ${JSON.stringify(name)} {`, '  node [shape=box];'];
  for (let index = 1; index <= last; index++) {
    if (!RcGraph.isLive(graph, index)) continue;
    const handles = RcGraph.handlesOf(graph, index);
    const held = handles > 0 ? `, ${handles} handle(s)", peripheries=2` : '"';
    lines.push(`  ${index} [label="${index}: ${lengthOf(index)} bytes${held}];`);
    for (let slot = 0; slot < RcGraph.slotsOf(graph, index); slot++) {
      const to = RcGraph.refOf(graph, index, slot);
      if (to > 0) lines.push(`  ${index} -> ${to} [label=${slot}];`);
    }
  }
  return [...lines, '}', ''].join('\n');
}
