import type { RcHeap } from 'freehold';

/** A block as the program made it: what it refers to, and what the program holds of it. */
export interface Known {
  readonly handle: number;
  readonly weak: number;
  handles: number;
  readonly refs: (Known | null)[];
}

/** What a reference-counted heap must be like, in the simplest terms: blocks, and what can be reached from handles. */
export class Oracle {
  readonly known = new Set<Known>();

  constructor(private readonly heap: RcHeap) {}

  /** A new block, which the program holds once. */
  make(byteLength: number, refs: number): Known {
    const handle = this.heap.allocHandle(byteLength, refs);
    const block = {
      handle,
      weak: this.heap.weakHandle(handle),
      handles: 1,
      refs: new Array<null>(refs).fill(null),
    };
    this.known.add(block);
    return block;
  }

  /** The blocks that a handle leads to. */
  reachable(): Set<Known> {
    const found = new Set<Known>();
    const work = [...this.known].filter(({ handles }) => handles > 0);
    for (let block = work.pop(); block !== undefined; block = work.pop()) {
      if (found.has(block)) continue;
      found.add(block);
      for (const to of block.refs) if (to !== null) work.push(to);
    }
    return found;
  }

  /** Nothing that can be reached is dead; with `all`, everything else is. Forgets what is dead. */
  check(all: boolean): string | undefined {
    const reachable = this.reachable();
    for (const block of this.known) {
      const alive = this.heap.isAlive(block.weak);
      if (reachable.has(block) && !alive) return `block ${block.handle} is dead, but can be reached`;
      if (all && !reachable.has(block) && alive) return `block ${block.handle} lives, but cannot be reached`;
      if (!alive) this.known.delete(block);
    }
    for (const { handle, handles, refs } of reachable) {
      const edges = [...this.known].reduce(
        (sum, from) => sum + from.refs.filter((to) => to?.handle === handle).length,
        0,
      );
      if (this.heap.refCount(handle) !== handles + edges) return `block ${handle} is counted wrongly`;
      for (const [slot, to] of refs.entries())
        if (this.heap.peekRef(handle, slot) !== (to?.handle ?? 0)) return `block ${handle} refers elsewhere`;
    }
    if (!this.heap.check()) return 'the counts are not what the references say';
    if (all && this.heap.stats().blocks !== reachable.size) return 'more blocks than can be reached';
    return undefined;
  }
}
