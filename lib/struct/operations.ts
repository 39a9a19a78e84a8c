import { Block } from '../block.ts';
import * as errors from './errors.ts';
import type { FieldType } from './field-type.ts';
import type { Fields } from './fields.ts';
import type { Init, Plain, Struct } from './layout.ts';
import { Region } from './region.ts';
import type { StructArray } from './struct-array.ts';

// What programs do with structs. Functions and not methods, for every name on a struct is a field's.

/**
 * Gives the block of a struct or an array back that {@link create} or `array` has made. Its parts end with it: every access
 * throws `ERR_FREEHOLD_USE_AFTER_FREE` from then on.
 *
 * @throws `ERR_FREEHOLD_DOUBLE_FREE` when that was done before, or its block was given back by other means,
 * `ERR_FREEHOLD_INVALID_FREE` for views and parts, which have no block, `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no struct, and
 * as the allocator's `free`: then it is as it was.
 */
export function destroy(struct: object): void {
  Region.destroy(Region.checked(struct));
}

/**
 * Writes some fields at once. What `values` does not name stays; of nested structs too.
 *
 * @returns the struct.
 * @throws as {@link create} for values; then nothing is written.
 */
export function assign<F extends Fields>(struct: Struct<F>, values: Init<F> | Struct<F>): Struct<F> {
  const region = Region.checked(struct);
  Region.write(region, Region.codecOf(region), 0, values, Region.labelOf(region));
  return struct;
}

/**
 * A copy of a struct or an array as ordinary objects, arrays, strings and numbers, which outlives it.
 *
 * @throws `ERR_FREEHOLD_USE_AFTER_FREE` when it has ended.
 *
 * @example
 * ```ts
 * import { arrayOf, struct, toObject, u8 } from 'freehold';
 * import assert from 'node:assert';
 *
 * const colour = struct({ rgb: arrayOf(u8, 3), alpha: u8 });
 * assert.deepEqual(toObject(colour.view(Buffer.from([1, 2, 3, 255]))), { rgb: [1, 2, 3], alpha: 255 });
 * ```
 */
export function toObject<F extends Fields>(struct: Struct<F>): { -readonly [K in keyof F]: Plain<F[K]> };
export function toObject<T extends FieldType>(array: StructArray<T>): Plain<T>[];
export function toObject(region: object): unknown {
  return Region.copy(Region.checked(region), false);
}

/**
 * Whether a struct or an array can be used: it was not destroyed, its memory is there, and its block was not freed by other means,
 * as far as its allocator knows: pools, heaps and counting heaps do.
 */
export function isAlive(struct: object): boolean {
  return Region.isLive(Region.checked(struct));
}

/**
 * The block of a struct or an array that {@link create} or `array` has made. It stays the struct's.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for views and parts, which have none, `ERR_FREEHOLD_USE_AFTER_FREE`.
 */
export function blockOf(struct: object): Block {
  const region = Region.checked(struct);
  Region.live(region);
  const block = Region.keepOf(region);
  if (!Region.owns(region) || !(block instanceof Block)) throw errors.ownsNoBlock(Region.labelOf(region));
  return block;
}
