import type { Block } from '../block.ts';
import { FreeholdError } from '../errors.ts';
import { LARGEST_BLOCK, checkSize } from '../validate.ts';
import { ADDRESSES, checkAddress, checkReadable } from './address.ts';
import * as errors from './errors.ts';
import { ForeignMemory, foreignMemory } from './foreign-memory.ts';
import { type FromAddressOptions, readForeignOptions } from './foreign-options.ts';

/**
 * A block over memory that a C library has made: `byteLength` bytes, 1 or more, from `address` on.
 *
 * Without `free` the block is a view. The library owns the memory: name the `owner` that it depends on, and dispose the block before
 * the library frees the memory, which ends all views of it. With `free` the memory is adopted: the block owns it, and it is freed
 * once, when the block is disposed or freed, or nothing reaches its memory any more.
 *
 * The first and the last byte are looked at, not those between. Memory that may only be read cannot be told: to write to it ends the
 * process, as it does in C.
 *
 * @throws `ERR_FREEHOLD_INVALID_ADDRESS` for null, for what cannot be read, and for what was adopted before and lives,
 * `ERR_FREEHOLD_INVALID_SIZE`, `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense, `ERR_FREEHOLD_UNSUPPORTED` where the
 * engine shows no memory from outside, `ERR_FREEHOLD_OUT_OF_MEMORY`. Then the caller has the memory as before.
 *
 * @example
 * ```ts
 * import { Heap } from 'freehold';
 * import { fromAddress } from 'freehold/ffi';
 * import assert from 'node:assert';
 *
 * // In the place of a library: it has made 16 bytes, and wants to know when they are not needed any more.
 * using heap = new Heap();
 * const made = heap.alloc(16);
 * let freed = 0n;
 *
 * const block = fromAddress(made.address, 16, { free: (address) => (freed = address) });
 * block.write('hello');
 * assert.equal(made.toString('utf8', 0, 5), 'hello');
 * block[Symbol.dispose]();
 * assert.equal(freed, made.address);
 * assert.equal(block.length, 0);
 * ```
 */
export function fromAddress(address: bigint, byteLength: number, options?: FromAddressOptions): Block {
  const begin = checkAddress(address, 'address');
  const bytes = checkSize(byteLength);
  const settings = readForeignOptions(options);
  if (bytes === 0 || bytes > LARGEST_BLOCK) throw wrongLength(bytes);
  const last = begin + BigInt(bytes) - 1n;
  if (last >= ADDRESSES) throw errors.unreadable('address', last);
  checkReadable(begin, 'address');
  checkReadable(last, 'the last byte');
  return ForeignMemory.take(foreignMemory, begin, bytes, settings, fromAddress);
}

function wrongLength(bytes: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `byteLength of foreign memory must be from 1 to ${LARGEST_BLOCK}, but is ${bytes}`,
  );
}
