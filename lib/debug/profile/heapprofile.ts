import { framesOf, urlOf } from './places.ts';
import type { ProfileFrame, SiteProfile } from './site-profile.ts';

/** How {@link encodeHeapProfile} counts. */
export interface HeapProfileOptions {
  /** The bytes that are still allocated (default), or all that ever were: the format has one number for each call. */
  readonly count?: 'live' | 'total';
}

/**
 * A heap profile as V8 writes it (`HeapProfiler.SamplingHeapProfile` of the DevTools protocol, as JSON): the text of a
 * `.heapprofile` file, for Chrome's DevTools, VS Code and speedscope.
 *
 * The tree of calls with the bytes of each, and one sample for each site. Sites without such bytes are left out. Kinds of
 * allocators have no place in it.
 *
 * @example
 * ```ts
 * import { encodeHeapProfile } from './dist/debug/profile/heapprofile.js';
 *
 * const frames = [{ functionName: 'readPacket', url: 'file:///app/net.js', line: 12, column: 30 }];
 * const site = { frames, kind: 'arena', liveBytes: 4096, liveBlocks: 1, totalBytes: 12288, totalBlocks: 3 };
 * const text = encodeHeapProfile([site], { count: 'total' }); // For fs.writeFile('freehold.heapprofile', …).
 * const { head } = JSON.parse(text) as { head: { children: [{ selfSize: number }] } };
 * console.log(head.children[0].selfSize); // 12288
 * ```
 */
export function encodeHeapProfile(
  sites: readonly SiteProfile[],
  { count = 'live' }: HeapProfileOptions = {},
): string {
  const tree = new CallTree();
  const samples: Sample[] = [];
  for (const site of sites) {
    const size = count === 'live' ? site.liveBytes : site.totalBytes;
    if (size === 0) continue;
    const node = tree.nodeOf(framesOf(site));
    node.selfSize += size;
    samples.push({ size, nodeId: node.id, ordinal: samples.length + 1 });
  }
  return `{"head":${textOf(tree.head)},"samples":${JSON.stringify(samples)}}`;
}

interface Sample {
  readonly size: number;
  readonly nodeId: number;
  readonly ordinal: number;
}

/** A place as the protocol has it: lines and columns from 0 on, -1 where unknown. */
interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

const ROOT: CallFrame = {
  functionName: '(root)',
  scriptId: '0',
  url: '',
  lineNumber: -1,
  columnNumber: -1,
};

/** A call in the tree, by the calls that led to it. */
class CallNode {
  selfSize = 0;
  readonly children = new Map<string, CallNode>();

  constructor(
    readonly callFrame: CallFrame,
    readonly id: number,
  ) {}
}

/** The calls of all sites, from the outermost inwards. */
class CallTree {
  readonly head = new CallNode(ROOT, 1);
  #nodes = 1;
  /** DevTools tells places apart by these and not by the URL. `'0'` is what has no script. */
  readonly #scriptIds = new Map([['', '0']]);

  /** The node of a stack of calls, innermost first. */
  nodeOf(frames: readonly ProfileFrame[]): CallNode {
    let node = this.head;
    for (let index = frames.length - 1; index >= 0; index--) node = this.#childOf(node, frames[index]);
    return node;
  }

  #childOf(parent: CallNode, frame: ProfileFrame): CallNode {
    const url = urlOf(frame.url);
    const key = [frame.functionName, url, frame.line, frame.column].join('\0');
    const known = parent.children.get(key);
    if (known !== undefined) return known;
    const callFrame: CallFrame = {
      functionName: frame.functionName,
      scriptId: this.#scriptIdOf(url),
      url,
      lineNumber: frame.line - 1,
      columnNumber: frame.column - 1,
    };
    const child = new CallNode(callFrame, ++this.#nodes);
    parent.children.set(key, child);
    return child;
  }

  #scriptIdOf(url: string): string {
    const known = this.#scriptIds.get(url);
    if (known !== undefined) return known;
    const id = String(this.#scriptIds.size);
    this.#scriptIds.set(url, id);
    return id;
  }
}

/** A tree as JSON. Not by recursion, as JSON.stringify of older engines does it: stacks of calls may be deeper than that goes. */
function textOf(head: CallNode): string {
  const parts: string[] = [];
  const pending: (CallNode | string)[] = [head];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') {
      parts.push(next);
      continue;
    }
    const { callFrame, selfSize, id } = next;
    parts.push(JSON.stringify({ callFrame, selfSize, id }).slice(0, -1), ',"children":[');
    pending.push(']}');
    const children = [...next.children.values()].reverse();
    children.forEach((child, index) => pending.push(...(index === 0 ? [child] : [',', child])));
  }
  return parts.join('');
}
