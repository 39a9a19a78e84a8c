import { native } from './native.ts';

/** Memory that this thread's allocators hold. Sizes are bytes. */
export interface MemoryStats {
  /** Arenas that are neither disposed nor collected. */
  readonly arenas: {
    readonly count: number;
    /** Handed out. */
    readonly bytesUsed: number;
    /** Held from the system. */
    readonly bytesReserved: number;
  };
  /** Pools that are neither disposed nor collected. A heap has one for each size class that it has used. */
  readonly pools: {
    readonly count: number;
    /** Held from the system: their slabs, without the side tables. */
    readonly bytesReserved: number;
  };
  /** Blocks with pages of their own: of page allocators, and large ones of heaps. */
  readonly blocks: {
    readonly count: number;
    /** Held from the system for them, guard pages not included. */
    readonly bytesReserved: number;
  };
  /** Chunks, of all allocators. */
  readonly chunks: {
    /** Mapped from the system: held, cached and orphaned. */
    readonly mapped: number;
    readonly mappedBytes: number;
    /** Kept for the next allocator that needs one; see {@link trimChunkCache}. */
    readonly cached: number;
    readonly cachedBytes: number;
    /** Left to the garbage collector. */
    readonly orphaned: number;
    readonly orphanedBytes: number;
  };
  /** Where chunks come from: mapped pages, or the engine where it takes no memory from outside. */
  readonly backing: 'pages' | 'v8';
}

type Six = [number, number, number, number, number, number];

/**
 * The memory that this thread's allocators hold now.
 *
 * @example
 * ```ts
 * import { Arena, memoryStats } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * arena.alloc(1000);
 * assert.equal(memoryStats().arenas.bytesUsed, 1000);
 * ```
 */
export function memoryStats(): MemoryStats {
  const figures = native.memoryFigures();
  const [mappedBytes, mapped, cachedBytes, cached, orphanedBytes, orphaned] = figures as Six;
  const [v8, arenas, bytesUsed, bytesReserved] = figures.slice(6) as Six;
  const [blocks, blockBytes, pools, poolBytes] = figures.slice(10) as Six;
  return {
    arenas: { count: arenas, bytesUsed, bytesReserved },
    pools: { count: pools, bytesReserved: poolBytes },
    blocks: { count: blocks, bytesReserved: blockBytes },
    chunks: { mapped, mappedBytes, cached, cachedBytes, orphaned, orphanedBytes },
    backing: v8 === 0 ? 'pages' : 'v8',
  };
}

/**
 * Gives the chunks that this thread keeps for its next allocators back to the system: at most 16 MiB.
 *
 * @returns the bytes given back.
 */
export function trimChunkCache(): number {
  return native.trimCache();
}
