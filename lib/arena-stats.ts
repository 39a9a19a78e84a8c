import type { AllocatorStats } from './allocator.ts';

/** What an arena says of itself. Sizes are bytes. */
export interface ArenaStats extends AllocatorStats {
  readonly kind: 'arena';
  /** Chunks held now. */
  readonly chunks: number;
  /** The most that may be handed out between two resets. */
  readonly bytesLimit: number;
  /** Resets so far, `dispose` not counted. */
  readonly resets: number;
  /** Times that memory was left to the collector: in mode `'orphan'`, by a pin, or because it had escaped. */
  readonly orphanings: number;
  /** Pins that hold the memory now. */
  readonly pins: number;
}
