// What the collectors of this thread's reference-counted heaps have done, ever: also those of heaps that are gone.
import { max } from './captured.ts';
import { type RcHandle, native } from './native.ts';

/** Collections, and the time that they took. */
export interface CollectorTotals {
  /** Collections that came to their end. */
  readonly runs: number;
  /** Nanoseconds spent in collections, and in the longest of their parts. */
  readonly pauseNs: number;
  readonly longestPauseNs: number;
}

/** The core heaps whose collections are not in `gone` yet. */
const counted = new Set<RcHandle>();
let gone: CollectorTotals = { runs: 0, pauseNs: 0, longestPauseNs: 0 };

// A core heap lives as long as its handle: it waits here to be asked, and goes with the next garbage collection.
const collectedHeaps = new FinalizationRegistry<RcHandle>(settleCollector);

/** Counts the collections of a heap from now on. */
export function countCollector(heap: object, handle: RcHandle): void {
  counted.add(handle);
  collectedHeaps.register(heap, handle, handle);
}

/** Keeps the sums of a core heap that is about to end; after the first call, nothing. */
export function settleCollector(handle: RcHandle): void {
  if (!counted.delete(handle)) return;
  collectedHeaps.unregister(handle);
  gone = plus(gone, handle);
}

/** The sums over all heaps. */
export function collectorTotals(): CollectorTotals {
  let sum = gone;
  for (const handle of counted) sum = plus(sum, handle);
  return sum;
}

function plus({ runs, pauseNs, longestPauseNs }: CollectorTotals, handle: RcHandle): CollectorTotals {
  const [, , , , , collections, , , pause, longest] = native.rcFigures(handle);
  return {
    runs: runs + collections,
    pauseNs: pauseNs + pause,
    longestPauseNs: max(longestPauseNs, longest),
  };
}
