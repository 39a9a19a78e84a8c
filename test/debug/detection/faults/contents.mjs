// What new and freed memory holds.
import { Heap } from 'freehold';

import { bytesAt } from './native.mjs';
import { commit, prevented, undetected } from './support.mjs';

const LARGE = 1 << 20;
const SECRET = 0x53;

/** A heap with memory that a secret was in. */
function used(byteLength) {
  const heap = new Heap();
  const blocks = Array.from({ length: 16 }, () => heap.alloc(byteLength).fill(SECRET));
  for (const block of blocks) heap.free(block);
  return heap;
}

function show(block) {
  if (block.includes(SECRET)) return undetected('what was there before was read');
  const [first] = block;
  return prevented(
    block.every((byte) => byte === first)
      ? `0x${first.toString(16).toUpperCase().padStart(2, '0')} was read`
      : '?',
  );
}

export const faults = {
  uninitialised: () => show(commit(() => used(64).allocUnsafe(64))),
  'uninitialised-large': () => show(commit(() => used(LARGE).allocUnsafe(LARGE))),
  alloc: () => show(commit(() => used(64).alloc(64))),
  'alloc-large': () => show(commit(() => used(LARGE).alloc(LARGE))),
  grown: () => {
    const heap = used(4096);
    return show(commit(() => heap.realloc(heap.alloc(16), 4096)));
  },
  freed: () => {
    const heap = new Heap();
    const block = heap.alloc(64).fill(SECRET);
    const { address } = block;
    heap.free(block);
    return show(commit(() => bytesAt(address, 64)));
  },
};
