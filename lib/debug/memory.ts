import { bufferLengthOf, fill, max, min, transfer } from '../captured.ts';
import { biasOf } from '../exposure.ts';

// The memory of recorded blocks: an ArrayBuffer of the engine's for each, so that the end of a block ends its views and nobody
// else's. The bytes before and behind the block are canaries. It is what blocks get that are not between guard pages.

/** Bytes on each side of a block that nobody may write to. Who runs over by no more than that damages nothing of the engine's. */
const ZONE = 32;
/** Where the engine's buffers begin: at a multiple of this. */
const NATURAL = 16;
const CANARY = 0xfd;
/** What `allocUnsafe` gives. */
const UNDEFINED = 0xaa;
/** What freed blocks are filled with. */
export const FREED = 0xdd;

const moveByClone = globalThis.structuredClone;

/** A buffer and where in it the block is. */
export interface Room {
  readonly buffer: ArrayBuffer;
  readonly offset: number;
}

/** Zeroed memory for a block between canaries; null when there is none. */
export function takeRoom(byteLength: number, alignment: number): Room | null {
  const isAligned = alignment <= NATURAL;
  let buffer: ArrayBuffer;
  try {
    buffer = new ArrayBuffer(byteLength + 2 * ZONE + (isAligned ? 0 : alignment));
  } catch {
    return null;
  }
  const offset = isAligned ? ZONE : ZONE + (-(biasOf(buffer) + ZONE) & (alignment - 1));
  setCanaries(buffer, offset, byteLength);
  return { buffer, offset };
}

/** Fills the bytes before and behind a block. */
export function setCanaries(buffer: ArrayBuffer, offset: number, byteLength: number): void {
  const bytes = new Uint8Array(buffer);
  fill(bytes, CANARY, offset - ZONE, offset);
  fill(bytes, CANARY, offset + byteLength, offset + byteLength + ZONE);
}

/** Fills a block whose contents nobody has chosen. */
export function makeUndefined(block: Uint8Array): void {
  fill(block, UNDEFINED);
}

/** How far from the beginning of a block the first canary is that was written to; null for none. */
export function changedCanary(buffer: ArrayBuffer, offset: number, byteLength: number): number | null {
  const end = offset + byteLength;
  const before = new Uint8Array(buffer, offset - ZONE, ZONE);
  // The nearest first: that is the fault, what is further away is how far it went.
  for (let index = ZONE - 1; index >= 0; index--) if (before[index] !== CANARY) return index - ZONE;
  const behind = new Uint8Array(buffer, end, ZONE);
  for (let index = 0; index < ZONE; index++) if (behind[index] !== CANARY) return byteLength + index;
  return null;
}

/**
 * Ends all views of a buffer and keeps its memory, so that native code that still writes to it harms nobody. Undefined when the
 * program has forbidden it (`markAsUntransferable`), or was faster.
 */
export function takeAway(buffer: ArrayBuffer): ArrayBuffer | undefined {
  if (bufferLengthOf(buffer) === 0) return undefined;
  try {
    return transfer === undefined ? moveByClone(buffer, { transfer: [buffer] }) : transfer(buffer);
  } catch {
    return undefined;
  }
}

/** Fills what was a block. */
export function poison({ buffer, offset }: Room, byteLength: number): void {
  fill(new Uint8Array(buffer, offset, byteLength), FREED);
}

/** How far from the beginning of a poisoned block the first byte is that was written to, canaries included; null for none. */
export function changedPoison({ buffer, offset }: Room, byteLength: number): number | null {
  const bytes = new Uint8Array(buffer, offset, byteLength);
  const index = firstUnlike(bytes);
  return index < 0 ? changedCanary(buffer, offset, byteLength) : index;
}

/** How much is compared at a time, in bytes. */
const STEP = 64 * 1024;
// As long as that; made when it is needed.
let pattern: Buffer | null = null;

/** The index of the first byte that is no poison; -1 for none. */
function firstUnlike(bytes: Uint8Array): number {
  const { byteLength } = bytes;
  pattern ??= Buffer.alloc(STEP, FREED);
  for (let begin = 0; begin < byteLength; begin += STEP) {
    const end = min(begin + STEP, byteLength);
    if (pattern.compare(bytes, begin, end, 0, end - begin) === 0) continue;
    for (let index = begin; index < end; index++) if (bytes[index] !== FREED) return index;
  }
  return -1;
}

/** Bytes that a room takes. */
export function roomBytes({ buffer }: Room): number {
  return max(bufferLengthOf(buffer), 2 * ZONE);
}
