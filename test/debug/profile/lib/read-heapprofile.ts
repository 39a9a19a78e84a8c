/** What a `.heapprofile` should be: `HeapProfiler.SamplingHeapProfile` of the DevTools protocol. */
export interface HeapProfile {
  readonly head: HeapProfileNode;
  readonly samples: readonly { readonly size: number; readonly nodeId: number; readonly ordinal: number }[];
}

interface HeapProfileNode {
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly selfSize: number;
  readonly id: number;
  readonly children: readonly HeapProfileNode[];
}

/** The parts of a `.heapprofile`. */
export interface HeapProfileFile {
  readonly profile: HeapProfile;
  /** Each node in the order of the file: its calls, innermost first, as `name url:line:column`, and its own bytes. */
  readonly nodes: { id: number; stack: string[]; selfSize: number }[];
}

/** Reads the text of a `.heapprofile`, without recursion. */
export function readHeapProfile(text: string): HeapProfileFile {
  const profile = JSON.parse(text) as HeapProfile;
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
