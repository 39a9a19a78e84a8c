// @ts-check
// The hot operations of heaps for bench/hot-path-check.mjs, with sizes that vary as they do in programs.
import { Heap } from 'freehold';
import { victimsOf } from './random.mjs';

const LIVE = 512;

/** @param {number} calls @returns {(() => void)[]} */
export function heapLoops(calls) {
  const heap = new Heap();
  const sizes = [1, 16, 24, 64, 100, 256, 1024, 4096, 20_000];
  const victims = victimsOf(LIVE, calls);
  const blocks = Array.from({ length: LIVE }, (_, i) => heap.alloc(sizes[i % sizes.length]));
  return [
    () => {
      for (let k = 0; k < calls; k++) heap.free(heap.alloc(sizes[k % sizes.length]));
    },
    () => {
      for (let k = 0; k < calls; k++) heap.free(heap.allocUnsafe(sizes[k % sizes.length], 64));
    },
    () => {
      for (let k = 0; k < calls; k++) {
        heap.free(blocks[victims[k]]);
        blocks[victims[k]] = heap.allocUnsafe(sizes[k % sizes.length]);
      }
    },
    () => {
      for (let k = 0; k < calls / 100; k++) heap.free(heap.realloc(heap.alloc(100), 100 + (k & 255)));
    },
    // Blocks of their own pages, whose buffers are detached.
    () => {
      for (let k = 0; k < 20; k++) heap.free(heap.allocUnsafe(100_000));
    },
  ];
}
