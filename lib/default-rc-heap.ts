import { RcHeap } from './rc-heap.ts';

let heap: RcHeap | undefined;

/**
 * The reference-counted heap of this thread that {@link auto} and collections take from when they are given no other. It cannot be told
 * from any other; who disposes it gets a new one.
 *
 * @throws `ERR_FREEHOLD_OUT_OF_MEMORY` when a new one has no memory for its tables.
 *
 * @example
 * ```ts
 * import { defaultRcHeap } from 'freehold';
 * import assert from 'node:assert';
 *
 * const block = defaultRcHeap().alloc(64);
 * assert.equal(defaultRcHeap().stats().blocks, 1);
 * block.release();
 * ```
 */
export function defaultRcHeap(): RcHeap {
  if (heap === undefined || heap.disposed) heap = new RcHeap({ name: 'default' });
  return heap;
}
