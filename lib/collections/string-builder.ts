import { isUtf8 } from 'node:buffer';
import { inspect } from 'node:util';

import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import { bufferOf, byteLengthOf, max, min, setBytes } from '../captured.ts';
import { LARGEST_BLOCK, checkSize, describe, wrongReceiverOf } from '../validate.ts';
import { bytesOf } from '../typed-arrays.ts';
import { isAlive } from './alive.ts';
import * as errors from './errors.ts';
import { type CollectionOptions, readCollectionOptions } from './options.ts';
import { RcString } from './rc-string.ts';

const FIRST_CAPACITY = 64;
/** U+FFFD, which stands for half of a surrogate pair. */
const REPLACEMENT = Buffer.from('\ufffd');

/** How a builder begins. */
export interface StringBuilderOptions extends CollectionOptions {
  /** Bytes of text that there is room for at once. Default: none before the first append. */
  readonly capacity?: number;
}

/**
 * A text that grows, as UTF-8 bytes in one block of an allocator whose size doubles. Surrogate pairs may come in two halves.
 *
 * Who makes a builder owns it, and disposes it. The block, for C: the text from its first byte on, `length` bytes; no NUL.
 *
 * @example
 * ```ts
 * import { StringBuilder } from 'freehold';
 * import assert from 'node:assert';
 *
 * using builder = new StringBuilder();
 * for (let row = 1; row <= 3; row++) builder.append('row ').append(row).append('; ');
 * assert.equal(builder.toString(), 'row 1; row 2; row 3; ');
 * using text = builder.toRcString();
 * assert.equal(text.length, builder.length);
 * ```
 */
export class StringBuilder {
  readonly #allocator: Allocator;
  #block: Block | null = null;
  #length = 0;
  // The first half of a surrogate pair at the end of the text, where U+FFFD stands as long as the other does not come.
  #half = '';
  #disposed = false;

  /**
   * An empty text.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense, and as the allocator does for the capacity.
   */
  constructor(options?: StringBuilderOptions) {
    const { allocator, capacity = 0 } = readCollectionOptions(options, 'StringBuilder', ['capacity']);
    const room = checkSize(capacity, 'capacity');
    this.#allocator = allocator;
    if (room > 0) this.#block = allocator.allocUnsafe(room);
  }

  /** The length of the text in bytes. */
  get length(): number {
    return StringBuilder.#live(this).#length;
  }

  /** How many bytes there is room for. */
  get capacity(): number {
    const { block } = StringBuilder.#parts(this);
    return block === null ? 0 : byteLengthOf(block);
  }

  /** The address of the text, for native code. Valid until the next append or dispose; 0 when there is no block yet. */
  get address(): bigint {
    return StringBuilder.#parts(this).block?.address ?? 0n;
  }

  /** The allocator that the block is from. */
  get allocator(): Allocator {
    return StringBuilder.#live(this).#allocator;
  }

  /** The bytes of the text, not copied: to be read only, and valid until the next append, clear or dispose. */
  get bytes(): Buffer<ArrayBuffer> {
    const { block } = StringBuilder.#parts(this);
    return block === null ? Buffer.alloc(0) : block.subarray(0, this.#length);
  }

  /**
   * Appends a text, the digits of a number, or bytes that are UTF-8 (a view, an ArrayBuffer or a SharedArrayBuffer).
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for anything else, `ERR_FREEHOLD_INVALID_SIZE` when the text would be too long for
   * a block, and as the allocator does; then the text is as it was.
   */
  append(part: string | number | bigint | RcString | ArrayBufferView | ArrayBufferLike): this {
    const builder = StringBuilder.#live(this);
    if (typeof part === 'string') builder.#appendText(part);
    else if (typeof part === 'number' || typeof part === 'bigint') builder.#appendText(String(part));
    else if (RcString.is(part)) builder.#appendBytes(part.bytes, true);
    else if (typeof part === 'object' && part !== null) builder.#appendBytes(bytesOf(part), false);
    else throw errors.invalid(`what is appended must be a text, a number or bytes, but is ${describe(part)}`);
    return this;
  }

  /**
   * Makes room for `bytes` more, so that as many come without a new block.
   *
   * @throws `ERR_FREEHOLD_INVALID_SIZE`, and as the allocator does.
   */
  reserve(bytes: number): this {
    const builder = StringBuilder.#live(this);
    builder.#room(builder.#length + checkSize(bytes, 'bytes'));
    return this;
  }

  /** Empties the text; the block stays. */
  clear(): this {
    const builder = StringBuilder.#live(this);
    builder.#length = 0;
    builder.#half = '';
    return this;
  }

  /** The text as a string of JavaScript. */
  toString(): string {
    const { block } = StringBuilder.#parts(this);
    return block === null ? '' : block.toString('utf8', 0, this.#length);
  }

  /**
   * The text as a string of its own, of the same allocator, which the caller owns. The builder goes on.
   *
   * @throws as {@link RcString.from}.
   */
  toRcString(): RcString {
    StringBuilder.#live(this);
    const { bytes, allocator } = this;
    return RcString.from(bytes, { allocator });
  }

  /** Frees the block. Further calls do nothing; any other use throws `ERR_FREEHOLD_DISPOSED`. */
  dispose(): void {
    const builder = StringBuilder.#checked(this);
    if (builder.#disposed) return;
    const block = builder.#block;
    builder.#disposed = true;
    builder.#block = null;
    if (block !== null && isAlive(block) && builder.#allocator.owns(block)) builder.#allocator.free(block);
  }

  /** The same as {@link StringBuilder.dispose}. */
  [Symbol.dispose](): void {
    StringBuilder.#checked(this).dispose();
  }

  /** The text, for JSON. */
  toJSON(): string {
    StringBuilder.#live(this);
    return this.toString();
  }

  [inspect.custom](): string {
    if (!(#block in this)) return 'StringBuilder {}';
    return this.#disposed
      ? 'StringBuilder { disposed }'
      : `StringBuilder { ${this.#length} bytes of ${this.#block?.length ?? 0} }`;
  }

  // ---- Within ----------------------------------------------------------------------------------------------------

  #appendText(part: string): void {
    if (part === '') return;
    const text = this.#half + part;
    const joins = this.#half !== '';
    const from = joins ? this.#length - REPLACEMENT.length : this.#length;
    const byteLength = Buffer.byteLength(text);
    const block = this.#room(from + byteLength);
    block.write(text, from, 'utf8');
    this.#length = from + byteLength;
    const last = text.charCodeAt(text.length - 1);
    this.#half = last >= 0xd800 && last < 0xdc00 ? text[text.length - 1] : '';
  }

  #appendBytes(part: Uint8Array, known: boolean): void {
    // The block may move, and bytes of another thread change: what is looked at and appended is a copy then.
    const ours = this.#block !== null && bufferOf(part) === bufferOf(this.#block);
    const bytes = ours || !(bufferOf(part) instanceof ArrayBuffer) ? new Uint8Array(part) : part;
    if (!known && !isUtf8(bytes)) throw errors.notUtf8();
    const byteLength = byteLengthOf(bytes);
    if (byteLength === 0) return;
    const block = this.#room(this.#length + byteLength);
    setBytes(new Uint8Array(block.buffer, block.byteOffset + this.#length, byteLength), bytes);
    this.#length += byteLength;
    this.#half = '';
  }

  /** The block with room for a text of `bytes`, which is as it was when there is none. */
  #room(bytes: number): Block {
    const { block } = StringBuilder.#parts(this);
    const capacity = block === null ? 0 : byteLengthOf(block);
    if (bytes > LARGEST_BLOCK) throw errors.tooLong('text', bytes, LARGEST_BLOCK);
    if (block !== null && bytes <= capacity) return block;
    const doubled = max(bytes, min(2 * capacity, LARGEST_BLOCK), FIRST_CAPACITY);
    this.#block =
      block === null ? this.#allocator.allocUnsafe(doubled) : this.#allocator.realloc(block, doubled);
    return this.#block;
  }

  static #checked(value: StringBuilder): StringBuilder {
    if (typeof value === 'object' && value !== null && #block in value) return value;
    throw wrongReceiverOf('StringBuilder', value);
  }

  static #live(value: StringBuilder): StringBuilder {
    const builder = StringBuilder.#checked(value);
    if (!builder.#disposed) return builder;
    throw errors.disposed('StringBuilder');
  }

  static #parts(value: StringBuilder): { block: Block | null } {
    const builder = StringBuilder.#live(value);
    const block = builder.#block;
    if (block !== null && !isAlive(block)) throw errors.gone('StringBuilder');
    return { block };
  }
}
