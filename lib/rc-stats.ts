import type { AllocatorStats } from './allocator.ts';

/** The figures of a reference-counted heap. Sizes are bytes. */
export interface RcHeapStats extends AllocatorStats {
  readonly kind: 'rc';
  /** Of its side tables: 24 for each block that there is memory for, and 4 for each reference. */
  readonly bytesMetadata: number;
  /** As many may be live at a time. */
  readonly bytesLimit: number;
  /** The same as `bytesUsed`: the memory of live blocks, each as large as its size class. */
  readonly bytes: number;
  /** Blocks that live. */
  readonly blocks: number;
  /** Those of them that have pages of their own. */
  readonly large: number;
  /** References between blocks. */
  readonly edges: number;
  /** Blocks without a handle that may be garbage in a cycle: a collection begins with them. */
  readonly candidates: number;
  /** As many candidates begin a collection. It adapts: up when little of what is looked at is garbage. */
  readonly threshold: number;
  /** Collections that came to their end. */
  readonly collections: number;
  /** Blocks that collections have looked at, ever. */
  readonly touched: number;
  /** Blocks that collections have freed, ever. */
  readonly collected: number;
  /** Nanoseconds spent in collections, ever; and in the longest of their parts. */
  readonly pauseNs: number;
  readonly longestPauseNs: number;
  /** Handles that were released because their `Rc` was dropped. */
  readonly dropped: number;
  /** Pins that hold blocks. */
  readonly pins: number;
  /** Block indices that cannot be used any more: 8,191 of their lives had weak references. */
  readonly retired: number;
  /** Times that memory was left to the collector of JavaScript. */
  readonly orphanings: number;
}
