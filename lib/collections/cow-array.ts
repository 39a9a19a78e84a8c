import { inspect } from 'node:util';

import type { Allocator } from '../allocator.ts';
import { bufferOf, byteOffsetOf, setBytes } from '../captured.ts';
import { type TypedArray, type TypedArrayConstructor, checkTypedArrayConstructor } from '../typed-arrays.ts';
import { checkSize, describe, wrongReceiverOf } from '../validate.ts';
import * as errors from './errors.ts';
import { Held, Keeping } from './held.ts';
import { type CollectionOptions, readCollectionOptions } from './options.ts';
import { storeOf } from './store.ts';

const HEADER = 8;
const HIGH = 2 ** 32;

/** What the elements of a typed array are in JavaScript. */
export type ElementOf<C extends TypedArrayConstructor> = TypedArray<C>[number];

/**
 * A typed array that is copied when it is first written to: copies share one block until then. Over an `RcHeap` the block is
 * freed with the last of them, over other allocators also, and at the latest when the allocator ends its blocks.
 *
 * Who makes an array or a copy owns it, and releases it by `release()` or `using`.
 *
 * The block, for C: bytes 0 to 7 the number n of elements (uint64, little endian), then n elements in the machine's byte order.
 *
 * @example
 * ```ts
 * import { CowArray } from 'freehold';
 * import assert from 'node:assert';
 *
 * using before = CowArray.from(Float64Array, [1, 2, 3]);
 * using after = before.copy(); // O(1)
 * after.set(0, 10); // here the block is copied
 * assert.deepEqual([...before], [1, 2, 3]);
 * assert.deepEqual([...after], [10, 2, 3]);
 * ```
 */
export class CowArray<C extends TypedArrayConstructor = TypedArrayConstructor> {
  readonly #type: C;
  #held: Held | null;
  #view: TypedArray<C>;

  /** @internal */
  constructor(constructor: C, held: Held, view: TypedArray<C>) {
    if (!(held instanceof Held)) throw errors.notMade('CowArray', 'CowArray.of() or CowArray.from()');
    this.#type = constructor;
    this.#held = held;
    this.#view = view;
  }

  /**
   * An array of `length` zeros.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no typed array class, `ERR_FREEHOLD_INVALID_SIZE`, and as the allocator
   * does.
   */
  static of<C extends TypedArrayConstructor>(
    constructor: C,
    length: number,
    options?: CollectionOptions,
  ): CowArray<C> {
    const [held, view] = make(constructor, length, options);
    (view as Uint8Array).fill(zeroOf(constructor));
    return new CowArray(constructor, held, view);
  }

  /**
   * An array with these elements, which are converted as the typed array class does.
   *
   * @throws as {@link CowArray.of}, and `ERR_FREEHOLD_INVALID_ARGUMENT` for what cannot be converted.
   */
  static from<C extends TypedArrayConstructor>(
    constructor: C,
    values: Iterable<ElementOf<C>>,
    options?: CollectionOptions,
  ): CowArray<C> {
    checkTypedArrayConstructor(constructor);
    const elements = convert(constructor, values);
    const [held, view] = make(constructor, elements.length, options);
    (view as Uint8Array).set(elements as Uint8Array);
    return new CowArray(constructor, held, view);
  }

  // ---- Reading ---------------------------------------------------------------------------------------------------

  /** How many elements it has. */
  get length(): number {
    CowArray.#live(this);
    return this.#view.length;
  }

  /** The class of its views. */
  get type(): C {
    CowArray.#live(this);
    return this.#type;
  }

  /**
   * One element.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when there is none at `index`.
   */
  get(index: number): ElementOf<C> {
    CowArray.#live(this);
    checkIndex(index, this.#view.length);
    return this.#view[index];
  }

  /** The elements, not copied: to be read only, for others may share them. Valid until the next write or release. */
  get view(): TypedArray<C> {
    CowArray.#live(this);
    return this.#view;
  }

  /** The elements one after another. */
  [Symbol.iterator](): Generator<ElementOf<C>, void, undefined> {
    CowArray.#live(this);
    return elementsOf(this);
  }

  // ---- Writing ---------------------------------------------------------------------------------------------------

  /**
   * Writes one element; when others share the block, to a copy.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when there is none at `index` or `value` is none, and as the allocator does for a
   * copy; then nothing has changed.
   */
  set(index: number, value: ElementOf<C>): void {
    CowArray.#live(this);
    checkIndex(index, this.#view.length);
    if (typeof value !== typeof zeroOf(this.#type))
      throw errors.invalid(`an element must be a ${typeof zeroOf(this.#type)}, but is ${describe(value)}`);
    this.#unshare();
    this.#view[index] = value;
  }

  /**
   * The elements to be written to, as this array alone has them: a copy, when others share them. Valid until the next `copy()`
   * or release; what is written after that reaches the copies.
   *
   * @throws as the allocator does for a copy; then nothing has changed.
   */
  writable(): TypedArray<C> {
    CowArray.#live(this);
    this.#unshare();
    return this.#view;
  }

  // ---- Sharing ---------------------------------------------------------------------------------------------------

  /** Another array of the same elements, which the caller owns. O(1): the block is copied when one of them is written to. */
  copy(): CowArray<C> {
    const held = CowArray.#live(this).share();
    return new CowArray(this.#type, held, viewOf(this.#type, held, this.#view.length));
  }

  /** How many hold the block: copies, and references from other blocks. */
  get refCount(): number {
    return CowArray.#live(this).count;
  }

  /** The handle of the block, for the methods of an `RcHeap`; 0 over another allocator. A write may change it. */
  get handle(): number {
    const { store, node } = CowArray.#live(this);
    return store.heap === null ? 0 : store.word(node);
  }

  /** The address of the first element, for native code. Valid until the next write or release. */
  get address(): bigint {
    return CowArray.#live(this).block.address + BigInt(HEADER);
  }

  /** The allocator that the block is from. */
  get allocator(): Allocator {
    return CowArray.#live(this).store.allocator;
  }

  /**
   * Gives the array up. It must not be used any more.
   *
   * @throws `ERR_FREEHOLD_DOUBLE_FREE` when it was released before.
   */
  release(): void {
    const held = CowArray.#checked(this);
    if (held === null) throw errors.releasedBefore('CowArray');
    this.#held = null;
    held.release();
  }

  /** Releases the array; does nothing when it was released before. */
  [Symbol.dispose](): void {
    if (CowArray.#checked(this) !== null) this.release();
  }

  /** The elements, for JSON; those of 64 bits as text. */
  toJSON(): (number | string)[] {
    CowArray.#live(this);
    return Array.from<number | bigint, number | string>(this, (element) =>
      typeof element === 'bigint' ? String(element) : element,
    );
  }

  [inspect.custom](): string {
    if (!(#held in this) || this.#held === null) return 'CowArray { released }';
    return this.#held.attached ? `CowArray ${inspect(this.#view)}` : 'CowArray { gone }';
  }

  /** @internal What an array holds; undefined for what is none, and when it was released. */
  static heldBy(value: object): Held | undefined {
    return #held in value ? (value.#held ?? undefined) : undefined;
  }

  // ---- Within ----------------------------------------------------------------------------------------------------

  #unshare(): void {
    const held = CowArray.#live(this);
    if (held.count === 1) return;
    const view = this.#view;
    const byteLength = HEADER + view.length * view.BYTES_PER_ELEMENT;
    const own = Held.make(held.store, byteLength);
    setBytes(
      own.block,
      new Uint8Array(bufferOf(held.block) as ArrayBuffer, byteOffsetOf(held.block), byteLength),
    );
    this.#view = viewOf(this.#type, own, view.length);
    this.#held = own;
    held.release();
  }

  static #checked(value: CowArray): Held | null {
    if (typeof value === 'object' && value !== null && #held in value) return value.#held;
    throw wrongReceiverOf('CowArray', value);
  }

  static #live<C extends TypedArrayConstructor>(value: CowArray<C>): Held {
    const held = CowArray.#checked(value);
    if (held === null) throw errors.released('CowArray');
    if (!held.attached) throw errors.gone('CowArray');
    return held;
  }
}

function* elementsOf<C extends TypedArrayConstructor>(
  array: CowArray<C>,
): Generator<ElementOf<C>, void, undefined> {
  for (let index = 0; index < array.length; index++) yield array.get(index);
}

function make<C extends TypedArrayConstructor>(
  constructor: C,
  length: number,
  options: CollectionOptions | undefined,
): [Held, TypedArray<C>] {
  checkTypedArrayConstructor(constructor);
  const { allocator } = readCollectionOptions(options, 'CowArray');
  const bytes = checkSize(length, 'length') * constructor.BYTES_PER_ELEMENT + HEADER;
  const held = Held.make(storeOf(allocator), checkSize(bytes, 'length in bytes'));
  held.block.writeUInt32LE(length % HIGH, 0);
  held.block.writeUInt32LE(Math.floor(length / HIGH), 4);
  return [held, viewOf(constructor, held, length)];
}

function viewOf<C extends TypedArrayConstructor>(constructor: C, held: Held, length: number): TypedArray<C> {
  try {
    const buffer = bufferOf(held.block) as ArrayBuffer;
    const view = new constructor(buffer, byteOffsetOf(held.block) + HEADER, length) as TypedArray<C>;
    new Keeping(view, held);
    return view;
  } catch (error) {
    held.release(); // An allocator that is not ours may align to less than an element.
    throw error;
  }
}

function zeroOf(constructor: TypedArrayConstructor): never {
  return (constructor === BigInt64Array || constructor === BigUint64Array ? 0n : 0) as never;
}

function convert<C extends TypedArrayConstructor>(constructor: C, values: Iterable<unknown>): TypedArray<C> {
  if (typeof values !== 'object' || values === null || typeof values[Symbol.iterator] !== 'function')
    throw errors.invalid(`the elements of an array must be iterable, but are ${describe(values)}`);
  const zero = zeroOf(constructor) as unknown;
  const elements: unknown[] = [];
  for (const value of values) {
    if (typeof value !== typeof zero)
      throw errors.invalid(`an element must be a ${typeof zero}, but is ${describe(value)}`);
    elements.push(value);
  }
  return (constructor as unknown as { from(values: unknown[]): TypedArray<C> }).from(elements);
}

function checkIndex(index: number, length: number): void {
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= length)
    throw errors.noElement('CowArray', index, length);
}
