import { addressOf } from '../address-of.ts';
import { checkFunction } from '../validate.ts';
import { Hold, whileHeld } from './hold.ts';

/**
 * Runs `operation` with the address of a block, a typed array of an allocator's or a struct, which is pinned and kept meanwhile; when
 * it gives a promise, until that settles. The address must not be used afterwards.
 *
 * @returns what `operation` gives; for a promise another one that settles likewise, once the memory was let go.
 * @throws what `operation` throws, `ERR_FREEHOLD_USE_AFTER_FREE` when the memory is gone, `ERR_FREEHOLD_INVALID_ARGUMENT` for memory
 * that is of no allocator, or of one that cannot pin it.
 *
 * @example
 * ```ts
 * import { Arena } from 'freehold';
 * import { borrow } from 'freehold/ffi';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * const block = arena.alloc(64);
 * const end = borrow(block, (address, view) => {
 *   assert.throws(() => arena.reset(), { code: 'ERR_FREEHOLD_PINNED' });
 *   return address + BigInt(view.length); // in the place of a function of C
 * });
 * assert.equal(end, block.addressAt(64));
 * arena.reset();
 * ```
 */
export function borrow<V extends object, R>(view: V, operation: (address: bigint, view: V) => R): R {
  checkFunction(operation, 'operation');
  const hold = new Hold([view]);
  return whileHeld(hold, () => operation(addressOf(view), view));
}

/**
 * Runs one operation with several blocks, typed arrays of allocators' or structs pinned and kept; when it gives a promise, until that
 * settles.
 *
 * @returns and throws as {@link borrow}. When one of them cannot be pinned, none is, and `operation` is not called.
 *
 * @example
 * ```ts
 * import { Heap } from 'freehold';
 * import { pinnedAll } from 'freehold/ffi';
 * import { open } from 'node:fs/promises';
 *
 * using heap = new Heap();
 * const parts = [heap.alloc(4), heap.alloc(12)];
 * const file = await open(process.execPath);
 * const { bytesRead } = await pinnedAll(parts, () => file.readv(parts, 0));
 * await file.close();
 * console.log(bytesRead); // 16
 * ```
 */
export function pinnedAll<R>(views: readonly object[], operation: () => R): R {
  checkFunction(operation, 'operation');
  return whileHeld(new Hold([...views]), operation);
}
