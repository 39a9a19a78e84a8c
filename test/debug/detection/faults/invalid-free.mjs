import { Arena, Block, Heap, Pool } from 'freehold';

import { commit, undetected } from './support.mjs';

/** Frees what `wrong` makes of a block of a heap. */
function freed(wrong, byteLength = 64) {
  const heap = new Heap();
  const block = heap.alloc(byteLength);
  const view = wrong(block, heap);
  commit(() => heap.free(view));
  return undetected(heap.owns(block) ? 'nothing' : 'the block was freed');
}

export const faults = {
  interior: () => freed((block) => block.subarray(1)),
  'interior-8': () => freed((block) => block.subarray(8)),
  'interior-large': () => freed((block) => block.subarray(1), 1 << 20),
  region: () => freed(({ buffer }) => new Uint8Array(buffer, buffer.byteLength - 16, 16)),
  foreign: () => freed(() => Buffer.alloc(64)),
  address: () => freed((block) => block.address),
  nothing: () => freed(() => undefined),
  forged: () => freed(() => new Block(new ArrayBuffer(64), 0, 64)),
  'wrong-heap': () => freed(() => new Heap().alloc(64)),
  'wrong-kind': () => freed(() => new Pool({ blockBytes: 64 }).alloc()),
  'wrong-arena': () => freed(() => new Arena().alloc(64)),
  'size-interior': () => {
    const heap = new Heap();
    const part = heap.alloc(64).subarray(1);
    commit(() => heap.usableSize(part));
    return undetected('it has one');
  },
  'size-foreign': () => {
    const heap = new Heap();
    commit(() => heap.usableSize(Buffer.alloc(64)));
    return undetected('it has one');
  },
  'realloc-foreign': () => {
    const heap = new Heap();
    commit(() => heap.realloc(Buffer.alloc(64), 128));
    return undetected('nothing');
  },
  'realloc-freed': () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    heap.free(block);
    commit(() => heap.realloc(block, 128));
    return undetected('nothing');
  },
  'after-dispose': () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    heap.dispose();
    commit(() => heap.free(block));
    return undetected('nothing');
  },
};
