import { FieldType, MAKER } from './field-type.ts';
import { scalarCodecs } from './scalar-codecs.ts';

/** How a scalar is read and written: `scalar-codecs.ts`, and inline `unit.ts`. */
export type ScalarKind =
  'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f32' | 'f64' | 'bool' | 'char';

/** One number, truth value, character or address. */
export class Scalar<Value = unknown, Input = unknown> extends FieldType<Value, Input> {
  /** @internal */
  readonly kind: ScalarKind;
  /** @internal */
  readonly c: string;

  /** @internal */
  constructor(maker: typeof MAKER, kind: ScalarKind, size: number, label: string, c: string) {
    super(maker, size, size, label, scalarCodecs[kind]);
    this.kind = kind;
    this.c = c;
    Object.freeze(this);
  }
}

/** A whole number of 0 to 255: `uint8_t`. */
export const u8 = new Scalar<number, number>(MAKER, 'u8', 1, 'u8', 'uint8_t');
/** A whole number of -128 to 127: `int8_t`. */
export const i8 = new Scalar<number, number>(MAKER, 'i8', 1, 'i8', 'int8_t');
/** A whole number of 0 to 65,535: `uint16_t`. */
export const u16 = new Scalar<number, number>(MAKER, 'u16', 2, 'u16', 'uint16_t');
/** A whole number of -32,768 to 32,767: `int16_t`. */
export const i16 = new Scalar<number, number>(MAKER, 'i16', 2, 'i16', 'int16_t');
/** A whole number of 0 to 2^32-1: `uint32_t`. */
export const u32 = new Scalar<number, number>(MAKER, 'u32', 4, 'u32', 'uint32_t');
/** A whole number of -2^31 to 2^31-1: `int32_t`. */
export const i32 = new Scalar<number, number>(MAKER, 'i32', 4, 'i32', 'int32_t');
/** A bigint of 0 to 2^64-1: `uint64_t`. Takes a safe integer too. */
export const u64 = new Scalar<bigint, bigint | number>(MAKER, 'u64', 8, 'u64', 'uint64_t');
/** A bigint of -2^63 to 2^63-1: `int64_t`. Takes a safe integer too. */
export const i64 = new Scalar<bigint, bigint | number>(MAKER, 'i64', 8, 'i64', 'int64_t');
/** A number, rounded to 24 bits when it is written: `float`. */
export const f32 = new Scalar<number, number>(MAKER, 'f32', 4, 'f32', 'float');
/** A number: `double`. */
export const f64 = new Scalar<number, number>(MAKER, 'f64', 8, 'f64', 'double');
/** True or false, one byte: `bool`. Any byte but 0 reads as true. */
export const bool = new Scalar<boolean, boolean>(MAKER, 'bool', 1, 'bool', 'bool');
/** One character of U+0000 to U+00FF, one byte: `char`. */
export const char = new Scalar<string, string>(MAKER, 'char', 1, 'char', 'char');
/** An address, 8 bytes: `void *`. A bigint, 0n for none, such as {@link Block.address}; takes a safe integer too. */
export const pointer = new Scalar<bigint, bigint | number>(MAKER, 'u64', 8, 'pointer', 'void *');
/** A size, 8 bytes: `size_t`. A bigint, as every number of 64 bits; takes a safe integer too. */
export const usize = new Scalar<bigint, bigint | number>(MAKER, 'u64', 8, 'usize', 'size_t');
/** A difference of addresses, 8 bytes: `ptrdiff_t`. A bigint; takes a safe integer too. */
export const isize = new Scalar<bigint, bigint | number>(MAKER, 'i64', 8, 'isize', 'ptrdiff_t');
