import { byteLengthOf, byteOffsetOf, min, setBytes, typedArrayBuffer } from '../captured.ts';
import { native } from '../native.ts';
import { bytesOf } from '../typed-arrays.ts';
import { checkFlag, checkSize, readOptions } from '../validate.ts';
import { checkAddress } from './address.ts';
import * as errors from './errors.ts';
import { type TextEncoding, checkEncoding, nulIn, unitOf } from './text.ts';

/** How text is read. */
export interface ReadCStringOptions {
  /** Default: `'utf8'`. */
  encoding?: TextEncoding;
  /** How many bytes to look at, the NUL included. Default: all of a view, 1 MiB from an address on. */
  maxBytes?: number;
  /** Whether text without a NUL within these bytes is taken as it is, where otherwise it is an error. Default: false. */
  unterminated?: boolean;
}

const MAX_FROM_ADDRESS = 1024 * 1024;
const FIRST_STEP = 256;

/**
 * Text that C has written, up to its NUL: in a view, of which nothing beyond its end is read, or from an address on. An address that
 * nothing is mapped at is an error on Linux and Windows; on other systems it ends the process, as in C.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when there is no NUL, or the view's memory is gone, `ERR_FREEHOLD_INVALID_ADDRESS` for null,
 * and for memory that cannot be read before a NUL is found.
 *
 * @example
 * ```ts
 * import { Heap } from 'freehold';
 * import { readCString } from 'freehold/ffi';
 * import assert from 'node:assert';
 *
 * using heap = new Heap();
 * const text = heap.cString('C says hello');
 * assert.equal(readCString(text), 'C says hello');
 * assert.equal(readCString(text.addressAt(2)), 'says hello');
 * assert.throws(() => readCString(text.subarray(0, 6)), /no NUL within 6 bytes/);
 * assert.throws(() => readCString(8n), { code: 'ERR_FREEHOLD_INVALID_ADDRESS' });
 * ```
 */
export function readCString(
  source: ArrayBufferView | ArrayBufferLike | bigint,
  options?: ReadCStringOptions,
): string {
  const isAddress = typeof source === 'bigint';
  const {
    encoding = 'utf8',
    maxBytes = isAddress ? MAX_FROM_ADDRESS : Infinity,
    unterminated = false,
  } = readOptions(options, ['encoding', 'maxBytes', 'unterminated'], 'readCString');
  checkEncoding(encoding);
  const most = maxBytes === Infinity ? Infinity : checkSize(maxBytes, 'maxBytes');
  const lax = checkFlag(unterminated, 'unterminated');
  return isAddress
    ? fromAddress(checkAddress(source, 'address'), most, encoding, lax)
    : fromView(bytesOf(source), most, encoding, lax);
}

function fromView(view: Uint8Array, most: number, encoding: TextEncoding, lax: boolean): string {
  const length = min(byteLengthOf(view), most);
  const end = nulIn(view, unitOf(encoding), length);
  if (end < 0 && !lax) throw errors.noNul(length);
  return decode(view, end < 0 ? length : end, encoding);
}

/** In steps that grow, so that a short text costs little. */
function fromAddress(address: bigint, most: number, encoding: TextEncoding, lax: boolean): string {
  const unit = unitOf(encoding);
  let bytes = new Uint8Array(min(FIRST_STEP, most));
  let known = 0;
  for (;;) {
    const copied = native.copyMemory(address + BigInt(known), new Uint8Array(bytes.buffer, known));
    const end = nulIn(bytes, unit, known + copied, known - (known % unit));
    known += copied;
    if (end >= 0) return decode(bytes, end, encoding);
    if (known < bytes.length) throw errors.unreadable('text', address + BigInt(known));
    if (known >= most) break;
    const longer = new Uint8Array(min(4 * known, most));
    setBytes(longer, bytes);
    bytes = longer;
  }
  if (!lax) throw errors.noNul(known);
  return decode(bytes, known, encoding);
}

function decode(bytes: Uint8Array, length: number, encoding: TextEncoding): string {
  return Buffer.from(typedArrayBuffer(bytes) as ArrayBuffer, byteOffsetOf(bytes), length).toString(encoding);
}
