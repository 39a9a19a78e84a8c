import { inspect } from 'node:util';

import type { Allocator } from '../allocator.ts';
import { bufferOf, byteOffsetOf } from '../captured.ts';
import type { RcHeap } from '../rc-heap.ts';
import { bytesOf } from '../typed-arrays.ts';
import { checkSize, describe, wrongReceiverOf } from '../validate.ts';
import * as errors from './errors.ts';
import { Held, Keeping } from './held.ts';
import { type CollectionOptions, checkRcHeap, readCollectionOptions } from './options.ts';
import { HEADER, bytesNode, textLengthOf, textNode } from './string-node.ts';
import { type Store, type StoreNode, areOne, storeOf } from './store.ts';

/**
 * An immutable text of UTF-8 bytes in a block that all its copies share. Over an `RcHeap` (the default one, or another) the
 * block is freed with the last of them, over other allocators also, and at the latest when the allocator ends its blocks.
 *
 * Who makes a string owns it, and releases it by `release()` or `using`; over an `RcHeap` a dropped one is released when
 * JavaScript's collector has noticed.
 *
 * The block, for C: bytes 0 to 3 the length n of the text in bytes (uint32, little endian), bytes 4 to n+3 the text, byte n+4
 * a NUL. A text may have NULs of its own.
 *
 * @example
 * ```ts
 * import { RcString } from 'freehold';
 * import assert from 'node:assert';
 *
 * using line = RcString.from('key=värde');
 * using value = line.slice(4); // the same bytes, not a copy
 * assert.equal(value.toString(), 'värde');
 * assert.equal(value.length, 6); // bytes
 * assert.equal(line.refCount, 2);
 * ```
 */
export class RcString {
  #held: Held | null;
  // Where its text is in the block.
  readonly #begin: number;
  readonly #end: number;

  /** @internal */
  constructor(held: Held, begin: number, end: number) {
    if (!(held instanceof Held)) throw errors.notMade('RcString', 'RcString.from()');
    this.#held = held;
    this.#begin = begin;
    this.#end = end;
  }

  /**
   * A string with the UTF-8 bytes of a text, lone surrogates become U+FFFD, or with a copy of bytes (a view, an ArrayBuffer
   * or a SharedArrayBuffer). The caller owns it.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for anything else and for bytes that are not UTF-8, `ERR_FREEHOLD_INVALID_SIZE` for
   * more than 2^32-1 bytes, and as the allocator does.
   */
  static from(text: string | ArrayBufferView | ArrayBufferLike, options?: CollectionOptions): RcString {
    const { allocator } = readCollectionOptions(options, 'RcString');
    const store = storeOf(allocator);
    const node = typeof text === 'string' ? textNode(store, text) : bytesNode(store, bytesOf(text), false);
    return RcString.over(store, node);
  }

  /**
   * A string for a handle of one's block, which it takes over from the caller.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` for what is no living block, `ERR_FREEHOLD_INVALID_ARGUMENT` when the block does not
   * have the layout of a string; then the handle is still the caller's.
   */
  static adopt(heap: RcHeap, handle: number): RcString {
    const store = storeOf(checkRcHeap(heap));
    const byteLength = textLengthOf(store.view(handle));
    if (byteLength < 0) throw errors.notOurs('string', handle);
    return new RcString(new Held(store, handle), HEADER, HEADER + byteLength);
  }

  // ---- The text --------------------------------------------------------------------------------------------------

  /** The length in bytes. */
  get length(): number {
    RcString.#live(this);
    return this.#end - this.#begin;
  }

  /**
   * The bytes, not copied: to be read only, for others share them. They are there as long as the string is not released.
   */
  get bytes(): Buffer<ArrayBuffer> {
    const { block } = RcString.#live(this);
    const buffer = bufferOf(block) as ArrayBuffer;
    const bytes = Buffer.from(buffer, byteOffsetOf(block) + this.#begin, this.#end - this.#begin);
    new Keeping(bytes, RcString.#live(this));
    return bytes;
  }

  /** The address of the first byte of the text, for native code. Valid as long as the string is not released. */
  get address(): bigint {
    return RcString.#live(this).block.address + BigInt(this.#begin);
  }

  /** The text as a string of JavaScript. */
  toString(): string {
    return RcString.#live(this).block.toString('utf8', this.#begin, this.#end);
  }

  /** Whether the text is the same as another. */
  equals(other: RcString | string): boolean {
    const held = RcString.#live(this);
    if (typeof other === 'string')
      return Buffer.byteLength(other) === this.#end - this.#begin && this.toString() === other;
    const theirs = RcString.#argument(other);
    if (this.#end - this.#begin !== other.#end - other.#begin) return false;
    return held.node === theirs.node && areOne(held.store, theirs.store) && this.#begin === other.#begin
      ? true
      : this.compare(other) === 0;
  }

  /** -1, 0 or 1: whether the text is before another by its code points, the same, or behind. */
  compare(other: RcString): number {
    const held = RcString.#live(this);
    const theirs = RcString.#argument(other);
    return held.block.compare(theirs.block, other.#begin, other.#end, this.#begin, this.#end);
  }

  // ---- Sharing ---------------------------------------------------------------------------------------------------

  /** How many hold the block: copies, slices, and references from other blocks. */
  get refCount(): number {
    return RcString.#live(this).count;
  }

  /** The handle of the block, for the methods of an `RcHeap`; 0 over another allocator. A slice has its parent's. */
  get handle(): number {
    const { store, node } = RcString.#live(this);
    return store.heap === null ? 0 : store.word(node);
  }

  /** The allocator that the block is from. */
  get allocator(): Allocator {
    return RcString.#live(this).store.allocator;
  }

  /** Another string over the same bytes, which the caller owns. O(1). */
  copy(): RcString {
    return new RcString(RcString.#live(this).share(), this.#begin, this.#end);
  }

  /**
   * The part from byte `begin` to before byte `end`, both whole numbers from 0 to the length: a string over the same bytes,
   * which keeps the block, and which the caller owns. O(1).
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is out of range or within a character.
   */
  slice(begin: number, end?: number): RcString {
    const held = RcString.#live(this);
    const length = this.#end - this.#begin;
    const last = end === undefined ? length : checkSize(end, 'end');
    const first = checkSize(begin, 'begin');
    if (first > last || last > length)
      throw errors.invalid(`a string of ${length} bytes has no part from ${first} to ${last}`);
    for (const at of [first, last])
      if (at < length && (held.block[this.#begin + at] & 0xc0) === 0x80)
        throw errors.invalid(`byte ${at} of this string is within a character; slice before or behind it`);
    return new RcString(held.share(), this.#begin + first, this.#begin + last);
  }

  /**
   * Gives the string up. It must not be used any more.
   *
   * @throws `ERR_FREEHOLD_DOUBLE_FREE` when it was released before.
   */
  release(): void {
    const held = RcString.#checked(this);
    if (held === null) throw errors.releasedBefore('RcString');
    this.#held = null;
    held.release();
  }

  /** Releases the string; does nothing when it was released before. */
  [Symbol.dispose](): void {
    if (RcString.#checked(this) !== null) this.release();
  }

  /** The text, for JSON. */
  toJSON(): string {
    RcString.#live(this);
    return this.toString();
  }

  [inspect.custom](): string {
    const held = #held in this ? this.#held : null;
    if (held === null) return 'RcString { released }';
    return held.attached ? `RcString(${inspect(this.toString())})` : 'RcString { gone }';
  }

  /** @internal What a string holds; undefined for what is none, and when it was released. */
  static heldBy(value: object): Held | undefined {
    return #held in value ? (value.#held ?? undefined) : undefined;
  }

  /** @internal Whether a value is one. */
  static is(value: unknown): value is RcString {
    return typeof value === 'object' && value !== null && #held in value;
  }

  /** @internal A string over a node of a string, of which it takes a handle over. */
  static over(store: Store, node: StoreNode): RcString {
    const held = new Held(store, node);
    const byteLength = textLengthOf(held.block);
    if (byteLength >= 0) return new RcString(held, HEADER, HEADER + byteLength);
    held.release();
    throw errors.noText();
  }

  /** @internal A node of a store with the same text, whose handle the caller owns: the string's own where it is all of it. */
  static nodeIn(string: RcString, store: Store): StoreNode {
    const { store: own, node, block } = RcString.#argument(string);
    if (!areOne(own, store) || string.#begin !== HEADER || string.#end !== HEADER + textLengthOf(block))
      return bytesNode(store, string.bytes, true);
    store.retain(node);
    return node;
  }

  static #checked(value: RcString): Held | null {
    if (RcString.is(value)) return value.#held;
    throw wrongReceiverOf('RcString', value);
  }

  static #live(value: RcString): Held {
    const held = RcString.#checked(value);
    if (held === null) throw errors.released('RcString');
    if (!held.attached) throw errors.gone('RcString');
    return held;
  }

  static #argument(value: unknown): Held {
    if (RcString.is(value)) return RcString.#live(value);
    throw errors.invalid(`a string must be an RcString, but is ${describe(value)}`);
  }
}
