import type { Heap } from './heap.ts';
import { LiveSet } from './live-set.ts';
import type { PageAllocator } from './page-allocator.ts';
import type { Pool } from './pool.ts';
import type { RcHeap } from './rc-heap.ts';

// The allocators of this thread that programs have made and that are neither disposed nor collected, for memoryStats().
// Arenas are counted by the addon: there are too many of them.

export const pools = new LiveSet<Pool>();
export const heaps = new LiveSet<Heap>();
export const pageAllocators = new LiveSet<PageAllocator>();
export const rcHeaps = new LiveSet<RcHeap>();
