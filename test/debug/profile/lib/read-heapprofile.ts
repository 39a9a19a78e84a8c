import type { HeapProfiler } from 'node:inspector';

/** The parts of a `.heapprofile`. */
export interface HeapProfileFile {
  readonly profile: HeapProfiler.SamplingHeapProfile;
  /** Each node in the order of the file: its calls, innermost first, as `name url:line:column`, and its own bytes. */
  readonly nodes: { id: number; stack: string[]; selfSize: number }[];
}

/** Reads the text of a `.heapprofile`, without recursion. */
export function readHeapProfile(text: string): HeapProfileFile {
  const profile = JSON.parse(text) as HeapProfiler.SamplingHeapProfile;
  const nodes: HeapProfileFile['nodes'] = [];
  const pending = [{ node: profile.head, outer: [] as string[] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { functionName, url, lineNumber, columnNumber } = next.node.callFrame;
    const stack = [`${functionName} ${url}:${lineNumber}:${columnNumber}`, ...next.outer];
    nodes.push({ id: next.node.id, stack, selfSize: next.node.selfSize });
    pending.push(...next.node.children.map((node) => ({ node, outer: stack })).reverse());
  }
  return { profile, nodes };
}
