import { rcHeaps } from '../live-allocators.ts';
import { RcGraph } from '../rc-graph.ts';
import type { RcHeap } from '../rc-heap.ts';
import { bookOf, coverOf } from './cover.ts';
import type { Ledger } from './ledger.ts';
import type { BlockRecord } from './record.ts';

/** The live blocks that are in a cycle which no handle leads into: leaks that no release will end, but a collection. */
export function inCycles(ledgers: readonly Ledger[]): ReadonlySet<BlockRecord> {
  const found = new Set<BlockRecord>();
  if (ledgers.some(({ kind, blocks }) => kind === 'rc' && blocks > 0)) {
    for (const heap of rcHeaps.list())
      if (ledgers.some((ledger) => bookOf(heap)?.ledger === ledger)) look(heap, found);
  }
  return found;
}

function look(heap: RcHeap, found: Set<BlockRecord>): void {
  for (const { handles } of heap.findCycles()) {
    if (handles.some((handle) => RcGraph.handlesOf(heap, handle) > 0)) continue;
    for (const handle of handles) {
      const cover = coverOf(heap.view(handle));
      if (cover !== undefined) found.add(cover.record);
    }
  }
}
