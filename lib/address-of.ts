import { types } from 'node:util';

import { bufferOf, extentOf, isAttached, memoryLengthOf } from './captured.ts';
import { FreeholdError } from './errors.ts';
import { native } from './native.ts';
import { gone } from './pin-view.ts';
import { Region } from './struct/region.ts';
import { checkOffset, describe } from './validate.ts';

/**
 * Where memory begins in this process, for native code: of a block, a Buffer or any other view, of an ArrayBuffer or a
 * SharedArrayBuffer, of a struct, a part of one or an array. With `offset`, where the byte is that lies so many bytes behind its
 * beginning, from 0 to its length.
 *
 * An address is a number, and holds nothing: it is good as long as the memory is there, which for the engine's own means as long as
 * something reaches it and nobody has transferred it. For blocks see `borrow` and `lend` of `freehold/ffi`. Memory of no bytes has
 * the address `0n` where the engine keeps none for it.
 *
 * @throws `ERR_FREEHOLD_USE_AFTER_FREE` when the memory is gone, `ERR_FREEHOLD_INVALID_SIZE` for an offset that is not in it,
 * `ERR_FREEHOLD_INVALID_ARGUMENT` for what has no memory.
 *
 * @example
 * ```ts
 * import { addressOf } from 'freehold';
 * import assert from 'node:assert';
 *
 * const samples = new Float64Array(8);
 * assert.equal(addressOf(samples.subarray(2)), addressOf(samples.buffer, 16));
 * ```
 */
export function addressOf(memory: object, offset = 0): bigint {
  if (Region.is(memory)) {
    const at = checkOffset(offset, Region.sizeOf(memory));
    const address = native.addressOf(Region.live(memory).bytes);
    if (address === undefined) throw Region.stale(memory);
    return address + BigInt(Region.offsetOf(memory) + at);
  }
  return firstByte(memory, offset);
}

function firstByte(memory: unknown, offset: unknown): bigint {
  if (types.isAnyArrayBuffer(memory)) {
    if (isDetached(memory)) throw gone();
    const at = checkOffset(offset, memoryLengthOf(memory));
    return (native.addressOf(new Uint8Array(memory)) ?? 0n) + BigInt(at);
  }
  const buffer = bufferOf(memory);
  if (buffer === undefined) throw noMemory(memory);
  const view = memory as ArrayBufferView;
  if (!isAttached(view)) throw gone();
  const { byteOffset, byteLength } = extentOf(view);
  const at = checkOffset(offset, byteLength);
  const bytes = types.isUint8Array(view) ? view : new Uint8Array(buffer, byteOffset, byteLength);
  return (native.addressOf(bytes) ?? 0n) + BigInt(at);
}

function isDetached(buffer: ArrayBufferLike): boolean {
  if (memoryLengthOf(buffer) > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

function noMemory(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `an address is of a view, an ArrayBuffer, a SharedArrayBuffer or a struct, not of ${describe(value)}`,
  );
}
