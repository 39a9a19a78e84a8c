import { inspect, types } from 'node:util';

import { viewLengthOf } from '../captured.ts';
import { describe, wrongReceiverOf } from '../validate.ts';
import { invalid } from './errors.ts';
import {
  BOOL,
  INT32,
  LIST,
  MAX_REF,
  NULL,
  STRING,
  isRef,
  putDouble,
  putNumber,
  putWord,
  refAt,
  scalarAt,
  tagAt,
} from './value-words.ts';

/** What a word can be. */
export type ValueKind = 'double' | 'int32' | 'bool' | 'null' | 'string' | 'list';

/**
 * The name of a string or a list in a word: the handle of its block over an `RcHeap`, the address of its block over any other
 * allocator. It holds nothing. Made by `Value.string()` and `Value.list()`.
 */
export class ValueRef {
  readonly #kind: 'string' | 'list';
  readonly #ref: number;

  /** @internal */
  constructor(kind: 'string' | 'list', ref: number) {
    if ((kind !== 'string' && kind !== 'list') || !Number.isSafeInteger(ref) || ref < 0 || ref >= MAX_REF)
      throw invalid(`the name of a block must be a whole number from 0 to 2^48-1, but is ${describe(ref)}`);
    this.#kind = kind;
    this.#ref = ref;
  }

  /** What it names. */
  get kind(): 'string' | 'list' {
    return ValueRef.#checked(this).#kind;
  }

  /** The handle or the address. */
  get ref(): number {
    return ValueRef.#checked(this).#ref;
  }

  /** The same in words, for logs. */
  toJSON(): { kind: string; ref: number } {
    return { kind: this.kind, ref: this.ref };
  }

  [inspect.custom](): string {
    return #ref in this ? `ValueRef { ${this.#kind} ${this.#ref} }` : 'ValueRef {}';
  }

  /** @internal Whether a value is one. */
  static is(value: unknown): value is ValueRef {
    return typeof value === 'object' && value !== null && #ref in value;
  }

  static #checked(value: ValueRef): ValueRef {
    if (ValueRef.is(value)) return value;
    throw wrongReceiverOf('ValueRef', value);
  }
}

/** What a word holds, in JavaScript. */
export type Decoded = number | boolean | null | ValueRef;

const scratch = new DataView(new ArrayBuffer(8));

/**
 * Values of mixed types in words of 8 bytes, little endian in memory: what the elements of a {@link List} are, and what
 * programs can have in blocks of their own. A word is
 *
 * | upper 16 bits | lower 48 bits | is |
 * |---|---|---|
 * | below 0xFFF9 | | all 64 bits are a double; NaN is 0x7FF8000000000000 and no other |
 * | 0xFFF9 | an int32 in the lower 32, else 0 | an int32 |
 * | 0xFFFA | 0 or 1 | a bool |
 * | 0xFFFB | 0 | null |
 * | 0xFFFC | handle or address | a string |
 * | 0xFFFD | handle or address | a list |
 *
 * and 0xFFFE and 0xFFFF are none. A word of zeros is the double 0. Numbers that are an int32, -0 not among them, become one; they
 * are the same numbers again when they are read.
 *
 * In C, of a word `w`: `w >> 48 < 0xFFF9` says that it is a double, to be read as one with `memcpy`; else `(int32_t)w` is an
 * int32, `w & 1` a bool, and `w & 0xFFFFFFFFFFFF` a handle or an address.
 *
 * All functions throw `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no value, no word, or not within the view.
 *
 * @example
 * ```ts
 * import { Value } from 'freehold';
 * import assert from 'node:assert';
 *
 * assert.equal(Value.encode(7), 0xfff9_0000_0000_0007n);
 * assert.equal(Value.encode(0.5), 0x3fe0_0000_0000_0000n);
 * assert.equal(Value.decode(Value.encode(true)), true);
 * const view = new DataView(new ArrayBuffer(16));
 * Value.write(view, 8, null);
 * assert.equal(Value.kindAt(view, 8), 'null');
 * ```
 */
export const Value = Object.freeze({
  /** The word of a value. */
  encode(value: Decoded): bigint {
    put(scratch, 0, value);
    return scratch.getBigUint64(0, true);
  },

  /** The word of a number as a double, also where it is an int32. */
  double(value: number): bigint {
    if (typeof value !== 'number') throw noValue(value);
    putDouble(scratch, 0, value);
    return scratch.getBigUint64(0, true);
  },

  /** What a word holds. */
  decode(word: bigint): Decoded {
    putBits(word);
    return read(scratch, 0);
  },

  /** What kind of value a word holds. */
  kind(word: bigint): ValueKind {
    putBits(word);
    return kindOf(scratch, 0);
  },

  /** The name of a string, by the handle or the address of its block: a whole number from 0 to 2^48-1. */
  string(ref: number): ValueRef {
    return new ValueRef('string', ref);
  },

  /** The name of a list, by the handle or the address of its block: a whole number from 0 to 2^48-1. */
  list(ref: number): ValueRef {
    return new ValueRef('list', ref);
  },

  /** Writes the word of a value to the 8 bytes from `byteOffset` on. */
  write(view: DataView, byteOffset: number, value: Decoded): void {
    put(checkPlace(view, byteOffset), byteOffset, value);
  },

  /** What the word in the 8 bytes from `byteOffset` on holds. */
  read(view: DataView, byteOffset: number): Decoded {
    return read(checkPlace(view, byteOffset), byteOffset);
  },

  /** What kind of value the word in the 8 bytes from `byteOffset` on holds. */
  kindAt(view: DataView, byteOffset: number): ValueKind {
    return kindOf(checkPlace(view, byteOffset), byteOffset);
  },
});

function put(view: DataView, at: number, value: Decoded): void {
  if (typeof value === 'number') putNumber(view, at, value);
  else if (typeof value === 'boolean') putWord(view, at, BOOL, value ? 1 : 0);
  else if (value === null) putWord(view, at, NULL, 0);
  else if (ValueRef.is(value)) putWord(view, at, value.kind === 'string' ? STRING : LIST, value.ref);
  else throw noValue(value);
}

function read(view: DataView, at: number): Decoded {
  const scalar = scalarAt(view, at);
  if (scalar !== undefined) return scalar;
  const tag = tagAt(view, at);
  if (!isRef(tag)) throw noWord(tag);
  return new ValueRef(tag === STRING ? 'string' : 'list', refAt(view, at));
}

/** @internal The kind of the word at a place that is within the view. */
export function kindOf(view: DataView, at: number): ValueKind {
  const tag = tagAt(view, at);
  if (tag < INT32) return 'double';
  switch (tag) {
    case INT32:
      return 'int32';
    case BOOL:
      return 'bool';
    case NULL:
      return 'null';
    case STRING:
      return 'string';
    case LIST:
      return 'list';
    default:
      throw noWord(tag);
  }
}

function putBits(word: bigint): void {
  if (typeof word !== 'bigint' || word < 0n || word >= 1n << 64n)
    throw invalid(`a word must be a bigint from 0 to 2^64-1, but is ${describe(word)}`);
  scratch.setBigUint64(0, word, true);
}

function checkPlace(view: DataView, byteOffset: number): DataView {
  if (!types.isDataView(view)) throw invalid(`a view must be a DataView, but is ${describe(view)}`);
  const byteLength = lengthOf(view);
  if (Number.isSafeInteger(byteOffset) && byteOffset >= 0 && byteOffset + 8 <= byteLength) return view;
  throw invalid(`a view of ${byteLength} bytes has no word at ${describe(byteOffset)}`);
}

function lengthOf(view: DataView): number {
  try {
    return viewLengthOf(view);
  } catch {
    return 0; // Its memory is gone.
  }
}

function noValue(value: unknown): Error {
  return invalid(
    `a value must be a number, a boolean, null, or what Value.string() and Value.list() give, but is ${describe(value)}`,
  );
}

function noWord(tag: number): Error {
  return invalid(`the word 0x${tag.toString(16)}... holds no value`);
}
