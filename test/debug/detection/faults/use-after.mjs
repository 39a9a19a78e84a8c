// Uses of blocks that ended, by JavaScript.
import { Arena, FixedBuffer, Heap, Pool, RcHeap, Stack, blockOf, create, struct, u32 } from 'freehold';

import { commit, prevented, undetected } from './support.mjs';

const LARGE = 1 << 20;

/** Reads a byte of a block that was 7 before `end`. */
function read(block, end) {
  block.fill(7);
  end();
  const byte = commit(() => block.readUInt8(0));
  return undetected(byte === 7 ? 'the old bytes were read' : `${byte} was read`);
}

function write(block, end) {
  block.fill(7);
  end();
  commit(() => block.writeUInt8(1, 0));
  return undetected('the bytes have changed');
}

/** The same with an index, which has no way to throw. */
function byIndex(block, end) {
  block.fill(7);
  end();
  block[0] = 1;
  const byte = commit(() => block[0]);
  return byte === undefined ? prevented('there is no such element') : undetected('the bytes have changed');
}

function ofHeap(use, byteLength, options) {
  const heap = new Heap(options);
  const block = heap.alloc(byteLength);
  return use(block, () => heap.free(block));
}

function ofArena(use, end, options) {
  const arena = new Arena(options);
  const mark = arena.mark();
  return use(arena.alloc(64), () => end(arena, mark));
}

/** The block that has the memory next must not change by what is done to the one before. */
function reused(byteLength) {
  const heap = new Heap();
  const block = heap.alloc(byteLength);
  heap.free(block);
  const next = heap.alloc(byteLength);
  commit(() => block.writeUInt8(1, 0));
  return next[0] === 1 ? undetected('the next block has changed') : prevented('?');
}

const point = struct({ x: u32, y: u32 });

export const faults = {
  read: () => ofHeap(read, 64),
  write: () => ofHeap(write, 64),
  index: () => ofHeap(byIndex, 64),
  'read-isolated': () => ofHeap(read, 64, { isolate: true }),
  'read-large': () => ofHeap(read, LARGE),
  'write-large': () => ofHeap(write, LARGE),
  reuse: () => reused(64),
  'reuse-large': () => reused(LARGE),
  length: () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    heap.free(block);
    const length = commit(() => block.length);
    return length === 0 ? prevented('it is 0') : undetected(`it is ${length}`);
  },
  'usable-size': () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    heap.free(block);
    commit(() => heap.usableSize(block));
    return undetected('it has one');
  },
  address: () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    heap.free(block);
    commit(() => block.address);
    return undetected('it has one');
  },
  reset: () => ofArena(read, (arena) => arena.reset()),
  'reset-write': () => ofArena(write, (arena) => arena.reset()),
  'reset-reuse': () => ofArena(read, (arena) => arena.reset(), { reset: 'reuse' }),
  rewind: () => ofArena(read, (arena, mark) => arena.rewind(mark)),
  dispose: () => ofArena(read, (arena) => arena.dispose()),
  realloc: () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    return read(block, () => heap.realloc(block, 4096));
  },
  'realloc-shrink': () => {
    const heap = new Heap();
    const block = heap.alloc(LARGE);
    return read(block, () => heap.realloc(block, LARGE / 2));
  },
  'realloc-zero': () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    return read(block, () => heap.realloc(block, 0));
  },
  pool: () => {
    const pool = new Pool({ blockBytes: 64 });
    const block = pool.alloc();
    return read(block, () => pool.free(block));
  },
  release: () => {
    const rc = new RcHeap().alloc(64);
    return read(rc, () => rc.release());
  },
  frame: () => {
    const frame = new Stack().frame();
    return read(frame.alloc(64), () => frame[Symbol.dispose]());
  },
  'fixed-buffer': () => {
    const buffer = new FixedBuffer(new ArrayBuffer(4096));
    const block = buffer.alloc(64);
    return read(block, () => buffer.free(block));
  },
  'other-view': () => {
    const heap = new Heap();
    const block = heap.alloc(64).fill(7);
    const view = new DataView(block.buffer, block.byteOffset, 64);
    heap.free(block);
    commit(() => view.getUint8(0));
    return undetected('the old bytes were read');
  },
  struct: () => {
    const pool = new Pool({ blockBytes: 64 });
    const value = create(pool, point, { x: 7 });
    pool.free(blockOf(value));
    commit(() => value.x);
    return undetected('the old bytes were read');
  },
};
