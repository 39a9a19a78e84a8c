import { Block } from '../block.ts';
import { setBytes } from '../captured.ts';
import { checkSize } from '../validate.ts';
import type { Codec } from './codec.ts';
import * as errors from './errors.ts';
import { FieldType, MAKER } from './field-type.ts';
import type { Memory } from './memory.ts';

/** Text of C in a fixed number of bytes: what {@link cString} makes. */
export class CString extends FieldType<string, string> {
  /** @internal */
  constructor(maker: typeof MAKER, byteLength: number) {
    super(maker, byteLength, 1, `cString(${byteLength})`, codecOf(byteLength));
    Object.freeze(this);
  }
}

/**
 * Text in `byteLength` bytes, UTF-8, with a NUL behind it: `char name[16]`. Room for `byteLength - 1` bytes of text; what is longer
 * is refused with `ERR_FREEHOLD_INVALID_SIZE`, never cut off, and so is text with a NUL in it, with
 * `ERR_FREEHOLD_INVALID_ARGUMENT`. The rest of the field is zeroed. Reading ends at the first NUL, or at the end of the field.
 *
 * @throws `ERR_FREEHOLD_INVALID_SIZE` unless it has at least one byte.
 */
export function cString(byteLength: number): CString {
  return new CString(MAKER, checkLength(byteLength, 'cString()'));
}

/** How many bytes or elements: C has no arrays of none. */
export function checkLength(value: unknown, what: string): number {
  const length = checkSize(value, `the length of ${what}`);
  if (length === 0) throw errors.empty(what);
  return length;
}

function codecOf(size: number): Codec {
  const read = (memory: Memory, at: number): string => {
    let end = at;
    while (end < at + size && memory.bytes[end] !== 0) end++;
    return new Block(memory.buffer, memory.begin + at, end - at).toString();
  };
  return {
    depth: 0,
    read: (_owner, _key, memory, at) => read(memory, at),
    copy: read,
    plan: (plan, offset, value, label) => plan.add(putBytes, offset, encode(value, size, label)),
  };
}

/** The text in as many bytes as the field has. */
function encode(value: unknown, size: number, label: string): Uint8Array {
  if (typeof value !== 'string') throw errors.wrongValue(label, 'a string', value);
  const nul = value.indexOf('\0');
  if (nul >= 0) throw errors.invalid(`${label} has a NUL character at index ${nul}, where C would end it`);
  const byteLength = Buffer.byteLength(value);
  if (byteLength >= size) throw errors.wrongLength(label, `up to ${size - 1} bytes`, `${byteLength}`);
  const encoded = Buffer.alloc(size);
  encoded.write(value);
  return encoded;
}

/** Puts bytes as they are. */
export function putBytes(memory: Memory, at: number, value: Uint8Array): void {
  setBytes(memory.bytes, value, at);
}
