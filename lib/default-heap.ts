import type { Block } from './block.ts';
import { Heap } from './heap.ts';
import { checkAlignment } from './validate.ts';

// The manual strategy in plain functions, over one heap for each thread.

let heap: Heap | undefined;

/** The heap of this thread that {@link allocate} takes from. It cannot be told from any other; who disposes it gets a new one. */
export function defaultHeap(): Heap {
  if (heap === undefined || heap.disposed) heap = new Heap({ name: 'default' });
  return heap;
}

/**
 * A block of `byteLength` zeroed bytes of the default heap. The caller owns it, and gives it back with {@link free}.
 *
 * @throws as {@link Heap.alloc}.
 *
 * @example
 * ```ts
 * import { allocate, free, reallocate } from 'freehold';
 * import assert from 'node:assert';
 *
 * let line = allocate(80);
 * line.write('manual memory');
 * line = reallocate(line, 4000);
 * assert.equal(line.toString('latin1', 0, 6), 'manual');
 * free(line);
 * ```
 */
export function allocate(byteLength: number): Block {
  return defaultHeap().alloc(byteLength);
}

/**
 * The same at a multiple of `alignment`, a power of two up to 2 MiB.
 *
 * @throws as {@link Heap.alloc}.
 */
export function allocateAligned(byteLength: number, alignment: number): Block {
  return defaultHeap().alloc(byteLength, checkAlignment(alignment));
}

/**
 * A block of `byteLength` bytes that begins with the bytes of `block`, which must not be used any more; what is added is
 * zeroed.
 *
 * @throws as {@link Heap.realloc}.
 */
export function reallocate(block: Block, byteLength: number): Block {
  return defaultHeap().realloc(block, byteLength);
}

/**
 * Gives a block of the default heap back.
 *
 * @throws as {@link Heap.free}.
 */
export function free(block: ArrayBufferView): void {
  defaultHeap().free(block);
}
