import type { AllocatorStats } from './allocator.ts';

/** The figures of a pool. Sizes are bytes. */
export interface PoolStats extends AllocatorStats {
  readonly kind: 'pool';
  /** Of its side tables: 8 for each slot, and a record for each slab. */
  readonly bytesMetadata: number;
  readonly blockBytes: number;
  readonly alignment: number;
  /** The most blocks that may be in use; 2^30 for Infinity. */
  readonly maxBlocks: number;
  /** Blocks in use. */
  readonly blocks: number;
  /** The most that were in use at a time. */
  readonly blocksPeak: number;
  /** Blocks that there is memory for, those in use included. */
  readonly capacity: number;
  readonly slabs: number;
  /** Slots that have lived 2^31 times and are not used any more. */
  readonly retired: number;
  /** Times that a slab was left to the collector. */
  readonly orphanings: number;
  /** Pins that hold blocks. */
  readonly pins: number;
}
