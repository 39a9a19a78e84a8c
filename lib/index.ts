export type { Allocator, AllocatorStats } from './allocator.ts';
export type {
  ArenaOptions,
  DisposeOptions,
  ResetMode,
  ResetOptions,
  Retain,
  WhenPinned,
} from './arena-options.ts';
export type { ArenaStats } from './arena-stats.ts';
export { Arena } from './arena.ts';
export { BlockAllocator } from './block-allocator.ts';
export { Block } from './block.ts';
export { FreeholdError, type FreeholdErrorCode } from './errors.ts';
export { ArenaMark } from './mark.ts';
export { type MemoryStats, memoryStats, trimChunkCache } from './memory-stats.ts';
export {
  PageAllocator,
  type PageAllocatorOptions,
  type PageAllocatorStats,
  pageAllocator,
} from './page-allocator.ts';
export { Pin } from './pin.ts';
export type { PoolOptions } from './pool-options.ts';
export type { PoolStats } from './pool-stats.ts';
export { Pool } from './pool.ts';
export type { TypedArray, TypedArrayConstructor } from './typed-arrays.ts';
