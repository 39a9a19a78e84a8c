// Beyond a block, by native code that has its address.
import { Arena, Heap, configure } from 'freehold';

import { byteOf, bytesAt, memcpy, memset, strlen } from './native.mjs';
import { commit, later, prevented, undetected } from './support.mjs';

const SMALL = 64;
const LARGE = 1_000_000;
const MIB = 1 << 20;
const NEW = 0x41;

/** Has the inaccessible page before the block. */
function guardFront(mode) {
  if (mode === 'guarded') configure({ debug: { guardSide: 'front' } });
  if (mode === 'sampled') Math.random = () => 0.9;
}

/** A block with others of its size around it, so that what is beside it is known. */
function around(byteLength) {
  const allocator = byteLength === SMALL ? new Heap() : new Arena({ initialBytes: 4 * MIB });
  const [, block] = [1, 2, 3].map(() => allocator.alloc(byteLength));
  return { allocator, block };
}

/** Writes `length` bytes behind the end of a block, or that many up to its beginning, and frees it. */
function write(byteLength, length, { under = false, by = memset } = {}) {
  const { allocator, block } = around(byteLength);
  const to = byteOf(block, under ? -length : byteLength);
  commit(
    () => void (by === memset ? memset(to, NEW, length) : memcpy(to, Buffer.alloc(length, NEW), length)),
  );
  later('free', () => allocator.free(block));
  return undetected('bytes beside the block have changed');
}

/**
 * Writes one byte that is `distance` away, in the memory of another block of the program's. That is looked for, so that it is known
 * whom the byte hits; between guard pages nobody is so near.
 */
function writeFar(distance, isGuarded) {
  const arena = new Arena({ initialBytes: 16 * MIB });
  const blocks = Array.from({ length: isGuarded ? 1 : 640 }, () => arena.alloc(4000));
  const placed = blocks.map((block) => ({
    block,
    begin: block.address,
    end: block.address + BigInt(block.length),
  }));
  const placeOf = ({ begin, end }) => (distance < 0 ? begin : end - 1n) + BigInt(distance);
  const hitBy = (from) =>
    placed.find(({ begin, end }) => placeOf(from) >= begin && placeOf(from) < end)?.block;
  const from = isGuarded ? placed[0] : placed.find((one) => hitBy(one) !== undefined);
  commit(() => void memset(placeOf(from), NEW, 1));
  later('free', () => arena.free(from.block));
  return hitBy(from)?.includes(NEW) ? undetected('another block has changed') : prevented('?');
}

function read(byteLength, distance) {
  const { block } = around(byteLength);
  commit(() => bytesAt(byteOf(block, distance), 1));
  return undetected('the bytes beside the block were read');
}

export const faults = {
  'over-1': () => write(SMALL, 1),
  'over-8': () => write(SMALL, 8),
  'over-32': () => write(SMALL, 32, { by: memcpy }),
  'over-1-odd': () => {
    const heap = new Heap();
    const block = heap.alloc(60);
    commit(() => void memset(byteOf(block, 60), NEW, 1));
    later('free', () => heap.free(block));
    return undetected('a byte behind the block has changed');
  },
  'over-1m': ({ isGuarded }) => writeFar(MIB, isGuarded),
  'over-1-large': () => write(LARGE, 1),
  'over-8-large': () => write(LARGE, 8),
  'over-32-large': () => write(LARGE, 32),
  'over-shrunk': () => {
    const arena = new Arena({ initialBytes: 4 * MIB });
    const block = arena.realloc(arena.alloc(LARGE), LARGE / 2);
    commit(() => void memset(byteOf(block, LARGE / 2), NEW, 1));
    later('free', () => arena.free(block));
    return undetected('a byte behind the block has changed');
  },
  'under-1': () => write(SMALL, 1, { under: true }),
  'under-32': () => write(SMALL, 32, { under: true, by: memcpy }),
  'under-1m': ({ isGuarded }) => writeFar(-MIB, isGuarded),
  'under-1-large': () => write(LARGE, 1, { under: true }),
  'under-32-large': () => write(LARGE, 32, { under: true }),
  'front-write': ({ mode }) => {
    guardFront(mode);
    return write(SMALL, 1, { under: true });
  },
  'front-read': ({ mode }) => {
    guardFront(mode);
    return read(SMALL, -1);
  },
  read: () => read(SMALL, SMALL),
  'read-large': () => read(LARGE, LARGE),
  string: () => {
    const heap = new Heap();
    const [block] = [heap.alloc(SMALL).fill('x'), heap.alloc(SMALL).fill('x')];
    const length = Number(commit(() => strlen(block.address)));
    return length > SMALL ? undetected('read on behind the block') : prevented('?');
  },
  stray: ({ isGuarded }) => writeFar(500_000, isGuarded),
  'zero-write': () => write0((to) => void memset(to, NEW, 1), 'the byte at its address has changed'),
  'zero-read': () => write0((to) => bytesAt(to, 1), 'the byte at its address was read'),
};

/** Touches the byte at the address of a block of no bytes. */
function write0(touch, seen) {
  const heap = new Heap();
  const block = heap.alloc(0);
  commit(() => touch(block.address));
  later('free', () => heap.free(block));
  return undetected(seen);
}
