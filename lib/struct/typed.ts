import { FreeholdError } from '../errors.ts';
import * as errors from './errors.ts';
import type { ScalarKind } from './scalar.ts';

const CLASSES = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
  bool: undefined,
  char: undefined,
} as const;

/** Typed arrays of the numbers that structs have. */
export type NumberArray = InstanceType<Exclude<(typeof CLASSES)[ScalarKind], undefined>>;

/** A typed array over numbers that lie in a buffer. */
export function typedArrayOf(
  kind: ScalarKind | undefined,
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
): NumberArray {
  const constructor = kind === undefined ? undefined : CLASSES[kind];
  if (constructor === undefined)
    throw errors.invalid('typed() is for arrays of numbers; use get() and set() for these elements');
  if (byteOffset % constructor.BYTES_PER_ELEMENT === 0) return new constructor(buffer, byteOffset, length);
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ALIGNMENT',
    `a typed array begins at a multiple of ${constructor.BYTES_PER_ELEMENT} bytes of its buffer, but these elements at ${byteOffset}; ` +
      'use get() and set()',
  );
}
