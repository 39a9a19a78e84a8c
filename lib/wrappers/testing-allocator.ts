import { pageAllocator } from '../page-allocator.ts';
import { type TrackingAllocator, type TrackingOptions, tracking } from './tracking.ts';

/**
 * A tracking allocator over memory of its own, for a test: dispose throws `ERR_FREEHOLD_LEAK` with the places that
 * allocated what was not freed. The caller owns it; with it ends its memory.
 *
 * Each block has pages and an ArrayBuffer of its own, so that whatever the code under test does with a block after its free,
 * it does to a view of length 0. That costs some ten microseconds a block, and at least a page of memory.
 *
 * @example
 * ```ts
 * import { testingAllocator } from 'freehold';
 * import assert from 'node:assert';
 *
 * using allocator = testingAllocator();
 * const block = allocator.string('whatever the code under test does');
 * assert.equal(allocator.stats().blocks, 1);
 * allocator.free(block); // without this line: ERR_FREEHOLD_LEAK
 * ```
 */
export function testingAllocator(options?: Omit<TrackingOptions, 'disposeInner'>): TrackingAllocator {
  return tracking(pageAllocator({ name: 'testing' }), { ...options, disposeInner: true });
}
