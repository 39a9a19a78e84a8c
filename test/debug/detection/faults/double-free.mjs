import { Arena, FixedBuffer, Heap, Pool, RcHeap, pageAllocator } from 'freehold';

import { commit, undetected } from './support.mjs';

const LARGE = 1 << 20;

/** A second free that nobody has noticed: whoever has the memory now loses it. */
function lost(allocator, block) {
  return undetected(allocator.owns(block) ? 'nothing' : 'the block that has the memory now was freed');
}

/** Frees a block of a heap, does something else, and frees it again. */
function twice(byteLength, between = () => undefined) {
  const heap = new Heap();
  const block = heap.alloc(byteLength);
  const other = heap.alloc(byteLength);
  heap.free(block);
  between(heap, other);
  commit(() => heap.free(block));
  return lost(heap, other);
}

function churn(heap) {
  for (let round = 0; round < 1024; round++) heap.free(heap.alloc(64));
}

/** The owner of the memory changes between the two. */
function reused(byteLength) {
  const heap = new Heap();
  const block = heap.alloc(byteLength);
  heap.free(block);
  const next = heap.alloc(byteLength);
  commit(() => heap.free(block));
  return lost(heap, next);
}

function inOrder(allocator, byteLength = 64) {
  const block = allocator.alloc(byteLength);
  allocator.free(block);
  commit(() => allocator.free(block));
  return undetected('nothing');
}

export const faults = {
  small: () => twice(64),
  delayed: () => twice(64, churn),
  interleaved: () => twice(64, (heap, other) => heap.free(other)),
  reuse: () => reused(64),
  large: () => twice(LARGE),
  'large-delayed': () => twice(LARGE, churn),
  'large-interleaved': () => twice(LARGE, (heap, other) => heap.free(other)),
  'large-reuse': () => reused(LARGE),
  arena: () => inOrder(new Arena()),
  pages: () => inOrder(pageAllocator()),
  'fixed-buffer': () => inOrder(new FixedBuffer(new ArrayBuffer(4096))),
  'other-view': () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    const same = new Uint8Array(block.buffer, block.byteOffset, 64);
    heap.free(block);
    commit(() => heap.free(same));
    return undetected('nothing');
  },
  index: () => {
    const pool = new Pool({ blockBytes: 64 });
    const index = pool.allocIndex();
    pool.freeIndex(index);
    commit(() => pool.freeIndex(index));
    return undetected('nothing');
  },
  handle: () => {
    const pool = new Pool({ blockBytes: 64 });
    const handle = pool.allocHandle();
    pool.freeHandle(handle);
    pool.allocHandle();
    commit(() => pool.freeHandle(handle));
    return undetected('nothing');
  },
  release: () => {
    const rc = new RcHeap().alloc(64);
    rc.release();
    commit(() => rc.release());
    return undetected('nothing');
  },
  realloc: () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    const moved = heap.realloc(block, 0);
    commit(() => heap.free(block));
    return lost(heap, moved);
  },
};
