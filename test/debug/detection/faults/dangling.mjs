// Uses of blocks that ended, by native code that has kept the address.
import { Arena, Heap } from 'freehold';

import { bytesAt, memset } from './native.mjs';
import { commit, later, prevented, undetected } from './support.mjs';

const LARGE = 1_000_000;
const NEW = 0x41;

function write(block, end) {
  const { address } = block;
  end();
  commit(() => void memset(address, NEW, 16));
  return undetected('the bytes that it was have changed');
}

function read(block, end) {
  const { address } = block;
  block.fill(7);
  end();
  const bytes = commit(() => bytesAt(address, 16));
  if (bytes.every((byte) => byte === 7)) return undetected('the old bytes were read');
  const [first] = bytes;
  return bytes.every((byte) => byte === first)
    ? undetected(`0x${first.toString(16).toUpperCase()} was read`)
    : prevented('?');
}

function ofHeap(use, byteLength = 64) {
  const heap = new Heap();
  heap.alloc(byteLength);
  const block = heap.alloc(byteLength);
  return use(block, () => heap.free(block));
}

/** In an arena that keeps its memory: nobody else gets it. */
function ofArena(use, end, byteLength = 64) {
  const arena = new Arena({ initialBytes: 4 << 20 });
  const mark = arena.mark();
  globalThis.kept = arena;
  return use(arena.alloc(byteLength), () => end(arena, mark));
}

/** The memory belongs to another block when it is written to; what is kept from use is used again in the end. */
function reused(byteLength) {
  const heap = new Heap();
  const block = heap.alloc(byteLength);
  const { address } = block;
  heap.free(block);
  const next = heap.alloc(byteLength);
  commit(() => void memset(address, NEW, 16));
  if (next[0] === NEW) return undetected('the next block has changed');
  later('reuse', () => {
    for (let bytes = 0; bytes < 40 << 20; bytes += 1 << 20) heap.free(heap.alloc(1 << 20));
  });
  return undetected('the bytes that it was have changed');
}

export const faults = {
  write: () => ofHeap(write),
  read: () => ofHeap(read),
  reuse: () => reused(64),
  'write-large': () => ofArena(write, (arena) => arena.reset(), LARGE),
  'read-large': () => ofArena(read, (arena) => arena.reset(), LARGE),
  reset: () => ofArena(write, (arena) => arena.reset()),
  'reset-read': () => ofArena(read, (arena) => arena.reset()),
  rewind: () => ofArena(write, (arena, mark) => arena.rewind(mark)),
  realloc: () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    return write(block, () => heap.realloc(block, 4096));
  },
  'realloc-read': () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    return read(block, () => heap.realloc(block, 4096));
  },
};
