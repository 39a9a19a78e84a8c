import { byteLengthOf, slice } from '../captured.ts';
import { bytesOf } from '../typed-arrays.ts';
import { checkLength, putBytes } from './c-string.ts';
import type { Codec } from './codec.ts';
import * as errors from './errors.ts';
import { FieldType, MAKER } from './field-type.ts';
import { keeping } from './keeping.ts';
import type { Memory } from './memory.ts';
import { Region } from './region.ts';

/** A fixed number of bytes: what {@link bytes} makes. */
export class Bytes extends FieldType<Buffer, ArrayBufferView | ArrayBufferLike> {
  /** @internal */
  constructor(maker: typeof MAKER, byteLength: number) {
    super(maker, byteLength, 1, `bytes(${byteLength})`, codecOf(byteLength));
    Object.freeze(this);
  }
}

/**
 * `byteLength` bytes as they are: `uint8_t key[32]`. Reads as a Buffer over the very memory, which is no longer the field's when the
 * struct is destroyed; takes exactly as many bytes, in a view or a buffer.
 *
 * @throws `ERR_FREEHOLD_INVALID_SIZE` unless it has at least one byte.
 */
export function bytes(byteLength: number): Bytes {
  return new Bytes(MAKER, checkLength(byteLength, 'bytes()'));
}

function codecOf(size: number): Codec {
  const view = (memory: Memory, at: number): Buffer => Buffer.from(memory.buffer, memory.begin + at, size);
  return {
    depth: 0,
    read: (owner, _key, memory, at) => keeping(view(memory, at), Region.keepOf(owner)),
    copy: (memory, at, forJson) => {
      const field = view(memory, at);
      return forJson ? field.toString('hex') : Buffer.from(field);
    },
    plan: (plan, offset, value, label) => {
      const given = bytesOf(value);
      const found = byteLengthOf(given);
      if (found !== size) throw errors.wrongLength(label, `${size} bytes`, `${found}`);
      // A copy: what is passed may change before it is written, or be the field itself.
      plan.add(putBytes, offset, slice(given, 0, size));
    },
  };
}
