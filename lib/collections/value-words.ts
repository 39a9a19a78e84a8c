// The words of values in memory, without checks: what `Value` and `List` are made of.

/** The upper 16 bits of a word: less is a double. */
export const INT32 = 0xfff9;
export const BOOL = 0xfffa;
export const NULL = 0xfffb;
export const STRING = 0xfffc;
export const LIST = 0xfffd;

/** Names of strings and lists are below it: 48 bits. */
export const MAX_REF = 2 ** 48;

const HIGH = 2 ** 32;

/** The upper 16 bits of a word. */
export function tagAt(view: DataView, at: number): number {
  return view.getUint16(at + 6, true);
}

/** Whether a word with this tag names a block. */
export function isRef(tag: number): boolean {
  return tag === STRING || tag === LIST;
}

/** The 48 bits that name a string or a list. */
export function refAt(view: DataView, at: number): number {
  return view.getUint16(at + 4, true) * HIGH + view.getUint32(at, true);
}

/** A number, a truth value or null; undefined for a word that is none of them. */
export function scalarAt(view: DataView, at: number): number | boolean | null | undefined {
  const tag = tagAt(view, at);
  if (tag < INT32) return view.getFloat64(at, true);
  if (tag === INT32) return view.getInt32(at, true);
  if (tag === BOOL) return (view.getUint32(at, true) & 1) === 1;
  return tag === NULL ? null : undefined;
}

/** A number as an int32 where it is one, else as a double. */
export function putNumber(view: DataView, at: number, value: number): void {
  if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
    view.setInt32(at, value, true);
    view.setUint32(at + 4, INT32 * 0x10000, true);
  } else putDouble(view, at, value);
}

/** A number as a double; every NaN is the same one. */
export function putDouble(view: DataView, at: number, value: number): void {
  if (value === value) view.setFloat64(at, value, true);
  else putWord(view, at, 0x7ff8, 0);
}

/** Any other word: its upper 16 bits, and the rest. */
export function putWord(view: DataView, at: number, tag: number, rest: number): void {
  const upper = Math.floor(rest / HIGH);
  view.setUint32(at, rest - upper * HIGH, true);
  view.setUint32(at + 4, tag * 0x10000 + upper, true);
}
