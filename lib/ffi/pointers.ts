import { endianness } from 'node:os';

import { addressOf } from '../address-of.ts';
import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import {
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  getBigUint64,
  getUint32,
  setBigUint64,
  setUint32,
  typedArrayBuffer,
} from '../captured.ts';
import { Stamped } from '../exposure.ts';
import { bytesOf } from '../typed-arrays.ts';
import { ADDRESSES, POINTER_BYTES } from './address.ts';
import * as errors from './errors.ts';
import { checkText } from './text.ts';

const LITTLE = endianness() === 'LE';

/** What an array of pointers can point to: memory, an address, or nothing. */
export type Pointee = ArrayBufferView | ArrayBufferLike | object | bigint | null;

/** What a block points to. A pool hands the same block out again: then it points to something else. */
class Pointees extends Stamped<Block> {
  #kept: unknown;

  constructor(block: Block, kept: unknown) {
    super(block);
    this.#kept = kept;
  }

  static keep(block: Block, kept: unknown): void {
    if (#kept in block) block.#kept = kept;
    else new Pointees(block, kept);
  }
}

/**
 * An array of pointers for C, `void *[]`: the addresses of blocks, other views, buffers and structs, addresses as they are, and NULL
 * for null. The caller owns the block, which keeps what it points to from the collector; that nobody frees or resets it meanwhile is
 * for the caller to see to ({@link pinnedAll}).
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what has no address, `ERR_FREEHOLD_INVALID_ADDRESS` for bigints that are none,
 * `ERR_FREEHOLD_USE_AFTER_FREE` for memory that is gone, and what `alloc` throws.
 *
 * @example
 * ```ts
 * import { Arena } from 'freehold';
 * import { pointers, readPointers } from 'freehold/ffi';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * const rows = [arena.alloc(640), arena.alloc(640)];
 * const table = pointers(arena, [...rows, null]);
 * assert.deepEqual(readPointers(table), [rows[0].address, rows[1].address, 0n]);
 * ```
 */
export function pointers(allocator: Allocator, items: Iterable<Pointee>): Block {
  const kept: unknown[] = [...items];
  const addresses = kept.map(addressOfItem);
  const block = allocator.allocUnsafe(addresses.length * POINTER_BYTES, POINTER_BYTES);
  write(block, addresses);
  Pointees.keep(block, kept);
  return block;
}

function addressOfItem(item: unknown, index: number): bigint {
  if (item === null) return 0n;
  if (typeof item === 'object') return addressOf(item);
  if (typeof item !== 'bigint') throw errors.notAPointer(index, item);
  if (item < 0n || item >= ADDRESSES) throw errors.invalidAddress(`item ${index}`, item);
  return item;
}

/**
 * Text for C as an array of pointers that ends with NULL, as `argv` and `environ` do: `char *[]`, in UTF-8. The strings lie behind the
 * pointers in the same block, which the caller owns: one `free` ends it all.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no text, or has a NUL itself, and what `alloc` throws.
 *
 * @example
 * ```ts
 * import { Heap } from 'freehold';
 * import { cStrings, readCString, readPointers } from 'freehold/ffi';
 * import assert from 'node:assert';
 *
 * using heap = new Heap();
 * const argv = cStrings(heap, ['tar', '--list']);
 * const [tar, list, end] = readPointers(argv.subarray(0, 24));
 * assert.deepEqual([readCString(tar), readCString(list), end], ['tar', '--list', 0n]);
 * ```
 */
export function cStrings(allocator: Allocator, texts: Iterable<string>): Block {
  const all = [...texts].map((text, index) => checkText(text, `text ${index}`));
  const front = (all.length + 1) * POINTER_BYTES;
  const sizes = all.map((text) => Buffer.byteLength(text) + 1);
  const block = allocator.alloc(
    sizes.reduce((sum, size) => sum + size, front),
    POINTER_BYTES,
  );
  const begin = addressOf(block);
  let at = front;
  const addresses = all.map((text, index) => {
    const address = begin + BigInt(at);
    block.write(text, at); // The NUL behind it is there: the block is zeroed.
    at += sizes[index];
    return address;
  });
  write(block, addresses);
  return block;
}

/**
 * The addresses in an array of pointers that C has written, one for each 8 bytes (4 on machines of 32 bits); `0n` is NULL. What is
 * at an address that comes from elsewhere, {@link fromAddress} shows.
 *
 * @throws `ERR_FREEHOLD_INVALID_SIZE` when the last one is not whole, `ERR_FREEHOLD_INVALID_ARGUMENT` for memory that is gone.
 */
export function readPointers(view: ArrayBufferView | ArrayBufferLike): bigint[] {
  const bytes = bytesOf(view);
  const length = byteLengthOf(bytes);
  if (length % POINTER_BYTES !== 0) throw errors.notPointers(length, POINTER_BYTES);
  const data = new DataView(typedArrayBuffer(bytes), byteOffsetOf(bytes), length);
  return Array.from({ length: length / POINTER_BYTES }, (_, index) => {
    const at = index * POINTER_BYTES;
    return POINTER_BYTES === 8 ? getBigUint64(data, at, LITTLE) : BigInt(getUint32(data, at, LITTLE));
  });
}

function write(block: Block, addresses: readonly bigint[]): void {
  const data = new DataView(bufferOf(block) as ArrayBuffer, byteOffsetOf(block));
  addresses.forEach((address, index) => {
    const at = index * POINTER_BYTES;
    if (POINTER_BYTES === 8) setBigUint64(data, at, address, LITTLE);
    else setUint32(data, at, Number(address), LITTLE);
  });
}
