// Beyond a block, by JavaScript.
import { Arena, Heap } from 'freehold';

import { commit, later, prevented, undetected } from './support.mjs';

const SIZE = 64;
const MIB = 1 << 20;

/** A block with others around it. */
function between(allocator, around) {
  const before = allocator.alloc(around);
  const block = allocator.alloc(SIZE);
  const behind = allocator.alloc(around);
  return { allocator, before, block, behind };
}

/** Writes a byte through a view of the block's whole buffer. `distance`: from 1 on behind the end, below 0 before the beginning. */
function throughBuffer(distance, { allocator, block } = between(new Heap(), SIZE)) {
  const bytes = new Uint8Array(block.buffer);
  const place = block.byteOffset + (distance < 0 ? distance : SIZE + distance - 1);
  if (bytes[place] === undefined) return prevented('its buffer does not reach there');
  commit(() => (bytes[place] ^= 0x41));
  later('free', () => allocator.free(block));
  return undetected('a byte beside the block has changed');
}

const farApart = () => between(new Arena({ initialBytes: 4 * MIB }), 1.5 * MIB);

export const faults = {
  index: () => {
    const { block, behind } = between(new Heap(), SIZE);
    commit(() => (block[SIZE] = 1));
    return behind.every((byte) => byte === 0) ? prevented('there is no such element') : undetected('?');
  },
  method: () => {
    const { block } = between(new Heap(), SIZE);
    commit(() => block.writeUInt8(1, SIZE));
    return undetected('nothing');
  },
  read: () => {
    const { block } = between(new Heap(), SIZE);
    commit(() => block.readUInt8(SIZE));
    return undetected('nothing');
  },
  set: () => {
    const { block } = between(new Heap(), SIZE);
    commit(() => block.set(Buffer.alloc(SIZE + 1, 1)));
    return undetected('nothing');
  },
  copy: () => {
    const { block, behind } = between(new Heap(), SIZE);
    const copied = commit(() => Buffer.alloc(SIZE + 1, 1).copy(block));
    return copied === SIZE && behind[0] === 0 ? prevented('what fits is copied') : undetected('?');
  },
  fill: () => {
    const { block } = between(new Heap(), SIZE);
    commit(() => block.fill(1, 0, SIZE + 1));
    return undetected('nothing');
  },
  text: () => {
    const { block, behind } = between(new Heap(), SIZE);
    const written = commit(() => block.write('x'.repeat(SIZE + 1)));
    return written === SIZE && behind[0] === 0 ? prevented('what fits is written') : undetected('?');
  },
  'over-1': () => throughBuffer(1),
  'over-32': () => throughBuffer(32),
  'over-1m': () => throughBuffer(MIB, farApart()),
  'under-1': () => throughBuffer(-1),
  'under-32': () => throughBuffer(-32),
  'under-1m': () => throughBuffer(-MIB, farApart()),
};
