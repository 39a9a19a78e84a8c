import { quarantined } from './cover.ts';
import type { GuardedFigures } from './guarded-blocks.ts';
import { guardedFigures } from './guards.ts';
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
  /** Blocks between guard pages; `refused` are those that got none, for want of mappings or slots. */
  readonly guarded: GuardedFigures;
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
    guarded: guardedFigures(),
  };
}
