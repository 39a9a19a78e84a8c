import { type TypedArrayConstructor, isTypedArrayConstructor } from '../typed-arrays.ts';
import { describe } from '../validate.ts';
import type { ArrayType } from './array-type.ts';
import * as errors from './errors.ts';
import { FieldType } from './field-type.ts';
import { Layout } from './layout.ts';
import { locate } from './paths.ts';

const SIZES = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  pointer: 8,
} as const;

/** What {@link sizeOf} knows by name. */
export type ScalarType = keyof typeof SIZES;

/** Anything of which one value has a size. */
export type Sized = FieldType | ScalarType | TypedArrayConstructor;

/**
 * The size in bytes of one value: of a layout or another type of a field, padding included; of a name; of one element of a typed
 * array class.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for anything else.
 *
 * @example
 * ```ts
 * import { allocate, free, i32, sizeOf, struct, u8 } from 'freehold';
 * import assert from 'node:assert';
 *
 * const block = allocate(10 * sizeOf('float64'));
 * assert.equal(block.length, 80);
 * assert.equal(sizeOf(Int16Array), 2);
 * assert.equal(sizeOf(struct({ tag: u8, value: i32 })), 8);
 * free(block);
 * ```
 */
export function sizeOf(type: Sized): number {
  if (FieldType.is(type)) return type.size;
  if (typeof type === 'string' && Object.hasOwn(SIZES, type)) return SIZES[type];
  if (isTypedArrayConstructor(type)) return type.BYTES_PER_ELEMENT;
  throw unknownType(type);
}

/**
 * What one value of a type begins at multiples of, in bytes: `alignof` of C. For all but layouts and arrays that is its size.
 *
 * @throws as {@link sizeOf}.
 */
export function alignOf(type: Sized): number {
  return FieldType.is(type) ? type.alignment : sizeOf(type);
}

/** What leads to a field: its name, and the names and indices on the way to it. */
export type FieldPath<T> =
  T extends Layout<infer F>
    ? { [K in keyof F & string]: K | `${K}${RestOfPath<F[K]>}` }[keyof F & string]
    : never;

type RestOfPath<T> = T extends Layout
  ? `.${FieldPath<T>}`
  : T extends ArrayType<infer E>
    ? `[${number}]` | `[${number}]${RestOfPath<E>}`
    : never;

/**
 * Where a field begins, in bytes from the beginning of the layout: `offsetof` of C. Of a field in a field by a path.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when there is no such field.
 *
 * @example
 * ```ts
 * import { arrayOf, f32, offsetOf, struct, u32 } from 'freehold';
 * import assert from 'node:assert';
 *
 * const point = struct({ x: f32, y: f32 });
 * const line = struct({ id: u32, ends: arrayOf(point, 2) });
 * assert.equal(offsetOf(line, 'ends'), 4);
 * assert.equal(offsetOf(line, 'ends[1].y'), 16);
 * ```
 */
export function offsetOf<L extends Layout>(layout: L, path: FieldPath<L>): number {
  if (!Layout.is(layout)) throw errors.notAType('the first argument of offsetOf()', layout);
  return locate(layout, path).offset;
}

function unknownType(type: unknown): Error {
  return errors.invalid(
    `a type is f64, cString(16), a struct or another type of a field, one of ${Object.keys(SIZES).join(', ')}, or a typed array ` +
      `class, but this is ${describe(type)}`,
  );
}
