import { quarantined } from './cover.ts';
import { totals } from './ledger.ts';
import { isDebugging } from './debug.ts';

/** Figures of debug mode in this thread. Sizes are bytes, as they were asked for. */
export interface DebugStats {
  /** Whether allocations are recorded. */
  readonly on: boolean;
  /** Blocks that were recorded ever. */
  readonly allocations: number;
  readonly frees: number;
  readonly liveBlocks: number;
  readonly liveBytes: number;
  readonly peakBytes: number;
  /** Allocators that blocks were recorded of. */
  readonly allocators: number;
  /** Freed blocks that are kept from use, and the memory that they take. */
  readonly quarantine: { readonly blocks: number; readonly bytes: number };
}

/** Figures of this moment. */
export function debugStats(): DebugStats {
  const { allocations, frees, liveBlocks, liveBytes, peakBytes, allocators } = totals;
  return {
    on: isDebugging(),
    allocations,
    frees,
    liveBlocks,
    liveBytes,
    peakBytes,
    allocators,
    quarantine: quarantined(),
  };
}
