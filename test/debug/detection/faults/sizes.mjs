import { Arena, Heap } from 'freehold';

import { commit, prevented, undetected } from './support.mjs';

const allocated = (...how) => {
  const heap = new Heap();
  const block = commit(() => heap.alloc(...how));
  return undetected(`a block of ${block.length} bytes`);
};

export const faults = {
  huge: () => allocated(2 ** 53),
  'huge-memory': () => allocated(2 ** 47),
  'huge-realloc': () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    commit(() => heap.realloc(block, 2 ** 50));
    return undetected('a block');
  },
  'huge-array': () => {
    const arena = new Arena();
    const array = commit(() => arena.array(Float64Array, 2 ** 61));
    return undetected(`an array of ${array.length}`);
  },
  negative: () => allocated(-1),
  fraction: () => allocated(1.5),
  'not-a-number': () => allocated(NaN),
  alignment: () => allocated(64, 24),
  'zero-read': () => {
    const heap = new Heap();
    const block = heap.alloc(0);
    commit(() => block.readUInt8(0));
    return undetected('a byte was read');
  },
  'zero-write': () => {
    const heap = new Heap();
    const block = heap.alloc(0);
    commit(() => (block[0] = 1));
    return block[0] === undefined ? prevented('there is no such element') : undetected('a byte was written');
  },
  'zero-freed': () => {
    const heap = new Heap();
    const block = heap.alloc(0);
    heap.free(block);
    commit(() => heap.free(block));
    return undetected('nothing');
  },
};
