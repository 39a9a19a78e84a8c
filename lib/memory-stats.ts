import { inspect } from 'node:util';

import { idleArenas } from './arena-pool.ts';
import { Heap } from './heap.ts';
import { heaps, pageAllocators, pools, rcHeaps } from './live-allocators.ts';
import { reportOf } from './memory-report.ts';
import { native } from './native.ts';
import { PageAllocator } from './page-allocator.ts';
import { Pool } from './pool.ts';
import { RcHeap } from './rc-heap.ts';
import { currentStrategy } from './strategy/ambient.ts';
import type { Strategy } from './strategy/strategies.ts';

/** What the allocators of one kind hold. Sizes are bytes. */
export interface KindStats {
  /** Allocators that are neither disposed nor collected. */
  readonly count: number;
  /** Handed out and not given back. */
  readonly bytesUsed: number;
  /** Held from the system for that, without side tables. */
  readonly bytesReserved: number;
}

/** The same where each block is freed by itself. */
export interface BlockKindStats extends KindStats {
  /** Blocks that live. */
  readonly blocks: number;
}

/** Memory that this thread's allocators hold, as {@link memoryStats} has found it. Sizes are bytes. */
export class MemoryStats {
  /** The strategy of the code that asked. */
  readonly strategy: Strategy;
  /** Heaps and page allocators: what is freed by hand. */
  readonly manual: BlockKindStats;
  /** Arenas; their blocks are not counted. */
  readonly arenas: KindStats & {
    /** Those that servers and {@link withArena} keep for the next request or scope; see {@link trimScopes}. */
    readonly idle: number;
  };
  /** Pools that the program has made. Those in which heaps keep their size classes are in `manual`. */
  readonly pools: BlockKindStats;
  /** Reference-counted heaps. */
  readonly rc: BlockKindStats;
  /** Blocks with pages of their own, wherever they are from: of page allocators, and large ones of heaps. */
  readonly blocks: {
    readonly count: number;
    /** Held from the system for them, guard pages not included. */
    readonly bytesReserved: number;
  };
  /** What C libraries have made and this thread sees, by `fromAddress` of `freehold/ffi`. In no sum: it is not ours. */
  readonly foreign: {
    /** Blocks that were neither freed nor collected. */
    readonly blocks: number;
    readonly bytes: number;
  };
  /** All of the above but what is foreign that lives now. */
  readonly active: {
    /** Allocators. */
    readonly allocators: number;
    /** Blocks of heaps and pools. */
    readonly blocks: number;
  };
  /** The sums of all kinds. */
  readonly totals: {
    readonly bytesUsed: number;
    readonly bytesReserved: number;
  };
  /** The most that this thread ever had mapped at a time, what is cached and orphaned included. */
  readonly peak: { readonly mappedBytes: number };
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

  /** @internal */
  constructor() {
    const figures = native.memoryFigures();
    const [mappedBytes, mapped, cachedBytes, cached, orphanedBytes, orphaned] = figures as Six;
    const [v8, count, bytesUsed, bytesReserved, alone, aloneBytes] = figures.slice(6) as Six;
    const [peakBytes, foreignBlocks, foreignBytes] = figures.slice(14) as [number, number, number];
    this.strategy = currentStrategy();
    this.manual = sum([
      ...figuresOf(heaps.list(), heapStats),
      ...figuresOf(pageAllocators.list(), pagesStats),
    ]);
    this.arenas = { count, bytesUsed, bytesReserved, idle: idleArenas() };
    this.pools = sum(figuresOf(pools.list(), poolStats));
    this.rc = sum(figuresOf(rcHeaps.list(), rcStats));
    this.blocks = { count: alone, bytesReserved: aloneBytes };
    this.foreign = { blocks: foreignBlocks, bytes: foreignBytes };
    const kinds = [this.manual, this.arenas, this.pools, this.rc];
    this.active = {
      allocators: kinds.reduce((total, kind) => total + kind.count, 0),
      blocks: this.manual.blocks + this.pools.blocks + this.rc.blocks,
    };
    this.totals = {
      bytesUsed: kinds.reduce((total, kind) => total + kind.bytesUsed, 0),
      bytesReserved: kinds.reduce((total, kind) => total + kind.bytesReserved, 0),
    };
    this.peak = { mappedBytes: peakBytes };
    this.chunks = { mapped, mappedBytes, cached, cachedBytes, orphaned, orphanedBytes };
    this.backing = v8 === 0 ? 'pages' : 'v8';
  }

  /** A report for people, of several lines. */
  toString(): string {
    return reportOf(this);
  }

  /** The figures, for machines. */
  toJSON(): Omit<MemoryStats, 'toString' | 'toJSON'> {
    return Object.assign({}, this);
  }

  [inspect.custom](): string {
    return reportOf(this);
  }
}

type Six = [number, number, number, number, number, number];
type Figures = Omit<BlockKindStats, 'count'>;

// Taken off their classes once: what a program puts in their place is its own.
/* eslint-disable @typescript-eslint/unbound-method */
const { stats: heapStats } = Heap.prototype;
const { stats: pagesStats } = PageAllocator.prototype;
const { stats: poolStats } = Pool.prototype;
const { stats: rcStats } = RcHeap.prototype;
/* eslint-enable @typescript-eslint/unbound-method */

function figuresOf<T extends object>(allocators: T[], stats: (this: T) => Figures): Figures[] {
  return allocators.map((allocator) => Reflect.apply(stats, allocator, []));
}

function sum(all: Figures[]): BlockKindStats {
  const total = { count: all.length, blocks: 0, bytesUsed: 0, bytesReserved: 0 };
  for (const { blocks, bytesUsed, bytesReserved } of all) {
    total.blocks += blocks;
    total.bytesUsed += bytesUsed;
    total.bytesReserved += bytesReserved;
  }
  return total;
}

/**
 * The memory that this thread's allocators hold now. It prints as a report, and is an object of figures in JSON.
 *
 * @example
 * ```ts
 * import { Arena, memoryStats } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * arena.alloc(1000);
 * assert.equal(memoryStats().arenas.bytesUsed, 1000);
 * assert.match(memoryStats().toString(), /arenas +1 /);
 * ```
 */
export function memoryStats(): MemoryStats {
  return new MemoryStats();
}

/**
 * Gives the chunks that this thread keeps for its next allocators back to the system: at most 16 MiB.
 *
 * @returns the bytes given back.
 */
export function trimChunkCache(): number {
  return native.trimCache();
}
