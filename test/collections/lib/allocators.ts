import { expect } from 'vitest';
import {
  type Allocator,
  Arena,
  AutomaticAllocator,
  FixedBuffer,
  Heap,
  Pool,
  RcHeap,
  limited,
  tracking,
} from 'freehold';

/** An allocator of one of the kinds that collections treat differently, and how to see that nothing of it is in use. */
export interface Ground {
  readonly allocator: Allocator;
  /** Asserts that everything was given back, as far as the allocator takes anything back. */
  assertEmpty(): void;
}

const kinds = {
  'an RcHeap'(): Ground {
    const heap = new RcHeap();
    return {
      allocator: heap,
      assertEmpty() {
        heap.collect();
        expect(heap.check()).toBe(true);
        expect([heap.stats().blocks, heap.stats().edges]).toEqual([0, 0]);
      },
    };
  },
  'a Heap'(): Ground {
    const heap = new Heap();
    return { allocator: heap, assertEmpty: () => expect(heap.stats().blocks).toBe(0) };
  },
  'a Pool'(): Ground {
    const pool = new Pool({ blockBytes: 8192 });
    return { allocator: pool, assertEmpty: () => expect(pool.blocks).toBe(0) };
  },
  'an Arena'(): Ground {
    return { allocator: new Arena(), assertEmpty() {} };
  },
  'a limited RcHeap'(): Ground {
    const allocator = limited(new RcHeap(), 1 << 24);
    return { allocator, assertEmpty: () => expect(allocator.stats().blocks).toBe(0) };
  },
  'a FixedBuffer'(): Ground {
    return { allocator: new FixedBuffer(new ArrayBuffer(1 << 20)), assertEmpty() {} };
  },
  'a tracked Heap'(): Ground {
    const allocator = tracking(new Heap());
    return { allocator, assertEmpty: () => expect(allocator.stats().blocks).toBe(0) };
  },
  'a scope of an RcHeap'(): Ground {
    const heap = new RcHeap();
    return {
      allocator: new AutomaticAllocator(heap),
      assertEmpty() {
        heap.collect();
        expect([heap.stats().blocks, heap.check()]).toEqual([0, true]);
      },
    };
  },
} as const;

/** By name, for `describe.each`. */
export const grounds = Object.entries(kinds);
