import * as captured from '../captured.ts';
import type { Codec } from './codec.ts';
import * as errors from './errors.ts';
import type { Memory } from './memory.ts';
import type { ScalarKind } from './scalar.ts';

/** What is written for a value that does not fit as it is; throws where there is nothing. */
type Convert = (value: unknown, label: string) => unknown;

function codec<T>(
  get: (view: DataView, at: number, littleEndian: boolean) => T,
  set: (view: DataView, at: number, value: T, littleEndian: boolean) => void,
  fits: (value: unknown) => boolean,
  wanted: string,
  convert: Convert = refuse(wanted),
): Codec {
  const put = (memory: Memory, at: number, value: T): void => set(memory.view, at, value, true);
  return {
    depth: 0,
    read: (_owner, _key, memory, at) => get(memory.view, at, true),
    copy: (memory, at, forJson) => {
      const value = get(memory.view, at, true);
      return forJson && typeof value === 'bigint' ? String(value) : value;
    },
    plan: (plan, offset, value, label) => plan.add(put, offset, fits(value) ? value : convert(value, label)),
  };
}

function refuse(wanted: string): Convert {
  return (value, label) => {
    throw errors.wrongValue(label, wanted, value);
  };
}

/** Numbers that are exact stand for bigints. */
function exact(fits: (value: unknown) => boolean, wanted: string): Convert {
  return (value, label) => {
    const large = Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    if (large !== undefined && fits(large)) return large;
    throw errors.wrongValue(label, wanted, value);
  };
}

// eslint-disable-next-line @typescript-eslint/unbound-method -- they are static
const { asIntN, asUintN } = BigInt;
const { fromCharCode } = String;

const fitsU8 = (value: unknown): boolean => typeof value === 'number' && (value & 0xff) === value;
const fitsI8 = (value: unknown): boolean => typeof value === 'number' && (value << 24) >> 24 === value;
const fitsU16 = (value: unknown): boolean => typeof value === 'number' && (value & 0xffff) === value;
const fitsI16 = (value: unknown): boolean => typeof value === 'number' && (value << 16) >> 16 === value;
const fitsU32 = (value: unknown): boolean => typeof value === 'number' && value >>> 0 === value;
const fitsI32 = (value: unknown): boolean => typeof value === 'number' && (value | 0) === value;
const fitsU64 = (value: unknown): boolean => typeof value === 'bigint' && asUintN(64, value) === value;
const fitsI64 = (value: unknown): boolean => typeof value === 'bigint' && asIntN(64, value) === value;
const fitsFloat = (value: unknown): boolean => typeof value === 'number';
const fitsBool = (value: unknown): boolean => typeof value === 'boolean';
const fitsChar = (value: unknown): boolean =>
  typeof value === 'string' && value.length === 1 && value.charCodeAt(0) <= 0xff;

const getBool = (view: DataView, at: number): boolean => captured.getUint8(view, at) !== 0;
const setBool = (view: DataView, at: number, value: boolean): void =>
  captured.setUint8(view, at, value ? 1 : 0);
const getChar = (view: DataView, at: number): string => fromCharCode(captured.getUint8(view, at));
const setChar = (view: DataView, at: number, value: string): void =>
  captured.setUint8(view, at, value.charCodeAt(0));

const U64 = 'a bigint from 0 to 2^64-1, or a safe integer';
const I64 = 'a bigint from -2^63 to 2^63-1, or a safe integer';

/** How each kind is read and written. */
export const scalarCodecs: Readonly<Record<ScalarKind, Codec>> = {
  u8: codec(captured.getUint8, captured.setUint8, fitsU8, 'a whole number from 0 to 255'),
  i8: codec(captured.getInt8, captured.setInt8, fitsI8, 'a whole number from -128 to 127'),
  u16: codec(captured.getUint16, captured.setUint16, fitsU16, 'a whole number from 0 to 65535'),
  i16: codec(captured.getInt16, captured.setInt16, fitsI16, 'a whole number from -32768 to 32767'),
  u32: codec(captured.getUint32, captured.setUint32, fitsU32, 'a whole number from 0 to 2^32-1'),
  i32: codec(captured.getInt32, captured.setInt32, fitsI32, 'a whole number from -2^31 to 2^31-1'),
  u64: codec(captured.getBigUint64, captured.setBigUint64, fitsU64, U64, exact(fitsU64, U64)),
  i64: codec(captured.getBigInt64, captured.setBigInt64, fitsI64, I64, exact(fitsI64, I64)),
  f32: codec(captured.getFloat32, captured.setFloat32, fitsFloat, 'a number'),
  f64: codec(captured.getFloat64, captured.setFloat64, fitsFloat, 'a number'),
  bool: codec(getBool, setBool, fitsBool, 'true or false'),
  char: codec(getChar, setChar, fitsChar, 'one character from U+0000 to U+00FF'),
};
