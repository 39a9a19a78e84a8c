import type { AllocatorStats } from './allocator.ts';

/** The figures of a heap. Sizes are bytes. */
export interface HeapStats extends AllocatorStats {
  readonly kind: 'heap';
  /** What the size classes and the large blocks held at most, each by itself: not less than `bytesUsed` ever was. */
  readonly bytesPeak: number;
  /** Of its side tables. */
  readonly bytesMetadata: number;
  /** Blocks in use. */
  readonly blocks: number;
  /** Those of them that have pages of their own. */
  readonly large: number;
  /** Size classes that hold memory. */
  readonly classes: number;
  /** Pins that hold blocks. */
  readonly pins: number;
  /** Times that memory was left to the collector. */
  readonly orphanings: number;
}
