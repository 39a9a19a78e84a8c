import { inspect } from 'node:util';

import type { Allocator } from './allocator.ts';
import type { Block } from './block.ts';
import { bufferLengthOf, bufferOf, extentOf, fill } from './captured.ts';
import { FreeholdError } from './errors.ts';
import { Status } from './native.ts';
import type { Pin } from './pin.ts';
import { pools } from './live-allocators.ts';
import * as errors from './pool-errors.ts';
import { type PoolOptions, type PoolSettings, readPoolOptions } from './pool-options.ts';
import type { PoolStats } from './pool-stats.ts';
import { Slots, slotOf as slotOfBlock } from './slots.ts';
import { type TypedArray, type TypedArrayConstructor, checkTypedArrayConstructor } from './typed-arrays.ts';
import { checkAlignment, checkSize, describe, disposedOf, wrongReceiverOf } from './validate.ts';

// The fast path's functions by names of this module: an imported class is looked up at each call.
const {
  blockOf,
  give,
  giveBlock,
  is: hasSlots,
  isLive,
  mayBePinned,
  take,
  takeBlock,
  takeZeroed,
  wordOf,
} = Slots;
const slotOf = slotOfBlock;

const isInt32 = (index: unknown): boolean => typeof index === 'number' && (index | 0) === index;

/** How many slots handles can name: the rest of a safe integer's 53 bits is the generation, 31 bits. */
const HANDLE_SLOTS = 2 ** 22;

/** The fewest blocks in a slab. */
const SLAB_BLOCKS = 8;
/** The same where there is a pool for each of many sizes, so that what no block needs is not as much for each of them. */
const SLAB_BLOCKS_OF_PART = 2;

/** A pool that is part of another allocator, with one for each of many sizes: its blocks name that. */
export let poolOf: (owner: Allocator, options: PoolOptions) => Pool;

/**
 * Blocks of one size, each of which is freed on its own. An allocation and a free cost a few nanoseconds together, and the
 * same for a million blocks as for ten.
 *
 * The block of a slot is made once and handed out again: a `Block` that was freed is the next one's, so whoever frees a
 * block must not use it any more. Where that cannot be made sure, handles tell: each names one life of a slot, and its use
 * after the free throws. A second free of a block that nobody else has got since is found, whatever was done to its bytes:
 * all that the pool knows of its blocks is out of their reach.
 *
 * A pool belongs to the thread that made it. When it is disposed all of its blocks have length 0.
 *
 * @example
 * ```ts
 * import { Pool } from 'freehold';
 * import assert from 'node:assert';
 *
 * using packets = new Pool({ blockBytes: 1500 });
 * const packet = packets.alloc();
 * packet.write('hello');
 * packets.free(packet);
 * assert.equal(packets.stats().blocks, 0);
 * ```
 */
export class Pool extends Slots {
  // A number from the start: V8 takes a field that was undefined before for anything.
  readonly #blockBytes: number = 0;
  readonly #alignment: number;
  readonly #settings: PoolSettings;
  #disposed = false;
  // Where memoryStats() finds it; null for the pools of a heap, which speaks for them.
  #entry: WeakRef<Pool> | null = null;

  /**
   * A pool of blocks of `blockBytes`. Without `preheat` memory comes with the first block.
   *
   * @throws `ERR_FREEHOLD_INVALID_SIZE`, `ERR_FREEHOLD_INVALID_ALIGNMENT` or `ERR_FREEHOLD_INVALID_ARGUMENT` for options
   * that make no sense, `ERR_FREEHOLD_OUT_OF_MEMORY` when what was asked for at the start cannot be had.
   */
  constructor(options: PoolOptions) {
    const owner = Pool.#nextOwner;
    Pool.#nextOwner = undefined;
    const settings = readPoolOptions(options);
    super({ ...settings, slabBlocks: owner === undefined ? SLAB_BLOCKS : SLAB_BLOCKS_OF_PART }, owner);
    if (owner !== undefined) Slots.keepTidy(this);
    this.#settings = settings;
    this.#blockBytes = settings.blockBytes;
    this.#alignment = settings.alignment;
    const first = settings.growable ? settings.preheat : settings.maxBlocks;
    if (!Slots.preheat(this, first)) {
      Slots.destroy(this, false);
      throw errors.outOfMemory(this.#label(), first * settings.blockBytes);
    }
    Slots.setGrowable(this, settings.growable);
    if (owner === undefined) this.#entry = pools.add(this);
  }

  // The allocator that the blocks of the next pool name instead of it.
  static #nextOwner: Allocator | undefined;

  static {
    poolOf = (owner, options) => {
      Pool.#nextOwner = owner;
      return new Pool(options);
    };
  }

  /** The name given to the pool. */
  get name(): string {
    return Pool.#checked(this).#settings.name;
  }

  /** The size of its blocks in bytes. */
  get blockBytes(): number {
    return Pool.#checked(this).#blockBytes;
  }

  /** What its blocks begin at multiples of, in bytes. */
  get alignment(): number {
    return Pool.#checked(this).#alignment;
  }

  /** Whether the pool was disposed. */
  get disposed(): boolean {
    return Pool.#checked(this).#disposed;
  }

  /** Blocks in use. */
  get blocks(): number {
    return Slots.live(Pool.#checked(this));
  }

  /** Blocks that there is memory for, those in use included. */
  get capacity(): number {
    return Slots.capacity(Pool.#checked(this));
  }

  // ---- Blocks ----------------------------------------------------------------------------------------------------

  /**
   * A block of `byteLength` zeroed bytes: the pool's `blockBytes`, or fewer. The caller owns it until it is freed.
   *
   * @throws `ERR_FREEHOLD_LIMIT` when all blocks are in use, or for more bytes or a larger alignment than the pool's;
   * `ERR_FREEHOLD_OUT_OF_MEMORY`, `ERR_FREEHOLD_INVALID_SIZE`, `ERR_FREEHOLD_INVALID_ALIGNMENT`, `ERR_FREEHOLD_DISPOSED`.
   */
  alloc(byteLength?: number, alignment?: number): Block {
    if (!hasSlots(this)) throw wrongReceiverOf('Pool', this);
    if (alignment === undefined && (byteLength === undefined || this.#fits(byteLength))) {
      const block = takeZeroed(this, byteLength === undefined ? this.#blockBytes : byteLength);
      if (block !== undefined) return block;
    }
    return this.#allocSlow(byteLength, alignment, true);
  }

  /** Like {@link Pool.alloc} without zeroing: the bytes are whatever the block before left there. */
  allocUnsafe(byteLength?: number, alignment?: number): Block {
    if (!hasSlots(this)) throw wrongReceiverOf('Pool', this);
    if (alignment === undefined && (byteLength === undefined || this.#fits(byteLength))) {
      const block = takeBlock(this, byteLength === undefined ? this.#blockBytes : byteLength);
      if (block !== undefined) return block;
    }
    return this.#allocSlow(byteLength, alignment, false);
  }

  /** Like {@link Pool.alloc}, but null where that throws `ERR_FREEHOLD_LIMIT` or `ERR_FREEHOLD_OUT_OF_MEMORY`. */
  tryAlloc(byteLength?: number, alignment?: number): Block | null {
    const pool = Pool.#live(this);
    const size = checkSize(byteLength === undefined ? pool.#blockBytes : byteLength);
    if (alignment !== undefined && checkAlignment(alignment) > pool.#alignment) return null;
    return size > pool.#blockBytes ? null : Slots.takeShown(pool, size, true);
  }

  /**
   * Gives a block back: the block itself, the typed array that `array` made of it, or any other view that begins where
   * the block begins.
   *
   * @throws `ERR_FREEHOLD_DOUBLE_FREE` for a block that was freed before, `ERR_FREEHOLD_INVALID_FREE` for anything that
   * is no block of this pool, `ERR_FREEHOLD_USE_AFTER_FREE` when its buffer was transferred and the pool
   * has found that (an allocation does), `ERR_FREEHOLD_PINNED` while a pin holds it; nothing has changed then.
   */
  free(block: ArrayBufferView): void {
    if (!hasSlots(this)) throw wrongReceiverOf('Pool', this);
    const index = slotOf(block);
    if (index >= 0 && giveBlock(this, index, block)) return;
    this.#freeSlow(block);
  }

  /**
   * A block of `byteLength` bytes, at most the pool's `blockBytes`, in the place of `block`, which must not be used any
   * more. What is added is zeroed.
   *
   * @throws as {@link Pool.alloc} and {@link Pool.free}; then `block` is as it was.
   */
  realloc(block: Block, byteLength: number): Block {
    const pool = Pool.#live(this);
    const size = checkSize(byteLength);
    const index = pool.#liveSlotOf(block);
    if (size > pool.#blockBytes) throw errors.tooLarge(pool.#label(), size, pool.#blockBytes);
    const { byteLength: before } = extentOf(block);
    const made = blockOf(pool, index, size);
    if (made === undefined) throw errors.gone(pool.#label());
    // Into what was beyond the end of the block its owner may have written, by `block.buffer`.
    if (size > before) fill(made, 0, before, size);
    return made;
  }

  /**
   * A zeroed typed array over a block: of `length` elements, or of as many as fit. Freed like a block.
   *
   * @throws as {@link Pool.alloc}, and `ERR_FREEHOLD_INVALID_ARGUMENT` for anything that is no typed array class. Elements
   * larger than the pool's alignment are a larger alignment.
   *
   * @example
   * ```ts
   * import { Pool } from 'freehold';
   * import assert from 'node:assert';
   *
   * using vectors = new Pool({ blockBytes: 16 });
   * const vector = vectors.array(Float32Array);
   * assert.equal(vector.length, 4);
   * vectors.free(vector);
   * ```
   */
  override array<C extends TypedArrayConstructor>(constructor: C, length?: number): TypedArray<C> {
    Pool.#checked(this);
    checkTypedArrayConstructor(constructor);
    if (constructor.BYTES_PER_ELEMENT > this.#alignment)
      throw errors.tooAligned(this.#label(), constructor.BYTES_PER_ELEMENT, this.#alignment);
    const all = Math.floor(this.#blockBytes / constructor.BYTES_PER_ELEMENT);
    return super.array(constructor, length === undefined ? all : length);
  }

  /** Whether a view lies in a block of this pool that is in use. */
  owns(view: ArrayBufferView): boolean {
    const pool = Pool.#checked(this);
    return isLive(pool, Slots.slotAround(pool, view));
  }

  /**
   * Holds a block against being freed, and the pool against dispose, while native code works on it. The caller owns the
   * pin.
   */
  pin(block: Block): Pin {
    const pool = Pool.#live(this);
    const index = Slots.slotAround(pool, block);
    if (!isLive(pool, index)) throw pool.#notABlock(block);
    return Slots.pinSlot(pool, index);
  }

  // ---- Indices ---------------------------------------------------------------------------------------------------

  /**
   * A block without an object: its index, a small integer. What it holds is left as it is. For code that works with
   * {@link Pool.address} or keeps its own views. The caller owns the block until it frees the index.
   *
   * @throws as {@link Pool.alloc}.
   *
   * @example
   * ```ts
   * import { Pool } from 'freehold';
   * import assert from 'node:assert';
   *
   * using nodes = new Pool({ blockBytes: 32 });
   * const node = nodes.allocIndex();
   * nodes.view(node).writeDoubleLE(1.5, 8);
   * assert.equal(nodes.view(node).readDoubleLE(8), 1.5);
   * nodes.freeIndex(node);
   * ```
   */
  allocIndex(): number {
    if (!hasSlots(this)) throw wrongReceiverOf('Pool', this);
    const index = take(this);
    if (index < 0) throw this.#refused();
    return index;
  }

  /** Like {@link Pool.allocIndex}, but -1 when all blocks are in use or there is no memory. */
  tryAllocIndex(): number {
    return take(Pool.#live(this));
  }

  /**
   * Gives a block back by its index.
   *
   * @throws `ERR_FREEHOLD_DOUBLE_FREE` when it is not in use, `ERR_FREEHOLD_INVALID_FREE` for what was never an index of
   * this pool, `ERR_FREEHOLD_PINNED` while a pin holds it.
   */
  freeIndex(index: number): void {
    if (!hasSlots(this)) throw wrongReceiverOf('Pool', this);
    if (mayBePinned(this)) this.#checkUnpinned(index);
    if (!isInt32(index) || !give(this, index)) throw this.#notGiven(index);
  }

  /**
   * The block of an index that is in use, `blockBytes` long: the same object until it is freed.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` when the index is not in use.
   */
  view(index: number): Block {
    if (!hasSlots(this)) throw wrongReceiverOf('Pool', this);
    if (!isLive(this, index)) throw this.#notInUse(index);
    const block = blockOf(this, index, this.#blockBytes);
    if (block === undefined) throw errors.gone(this.#label());
    return block;
  }

  /**
   * The address of a block in this process, for native code. Valid until the block is freed.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` when the index is not in use.
   */
  address(index: number): bigint {
    return Pool.#live(this).view(index).address;
  }

  /** Whether an index is in use. */
  isLive(index: number): boolean {
    return isLive(Pool.#checked(this), index);
  }

  // ---- Handles ---------------------------------------------------------------------------------------------------

  /**
   * A block as a handle: one safe integer that names the slot and which of its lives is meant, so that the use of a handle
   * after its block was freed throws, also when the slot is in use again. A slot that has lived 2^31 times is retired. There
   * are handles for the first 4,194,304 blocks of a pool.
   *
   * @throws as {@link Pool.alloc}, and `ERR_FREEHOLD_LIMIT` when there are more blocks than that.
   *
   * @example
   * ```ts
   * import { Pool } from 'freehold';
   * import assert from 'node:assert';
   *
   * using sessions = new Pool({ blockBytes: 128 });
   * const handle = sessions.allocHandle();
   * sessions.freeHandle(handle);
   * sessions.allocHandle(); // the same memory
   * assert.throws(() => sessions.indexOf(handle), { code: 'ERR_FREEHOLD_USE_AFTER_FREE' });
   * ```
   */
  allocHandle(): number {
    const pool = Pool.#live(this);
    const index = pool.allocIndex();
    if (index < HANDLE_SLOTS) return pool.#handle(index);
    give(pool, index);
    throw errors.noHandle(pool.#label(), HANDLE_SLOTS);
  }

  /**
   * Gives a block back by its handle.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` when the handle's block was freed, `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no
   * handle, `ERR_FREEHOLD_PINNED` while a pin holds the block.
   */
  freeHandle(handle: number): void {
    const pool = Pool.#checked(this);
    pool.freeIndex(pool.indexOf(handle));
  }

  /**
   * The index that a handle names.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` when its block was freed, `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no handle.
   */
  indexOf(handle: number): number {
    const pool = Pool.#checked(this);
    if (typeof handle !== 'number' || !Number.isSafeInteger(handle) || handle < 0) {
      throw new FreeholdError(
        'ERR_FREEHOLD_INVALID_ARGUMENT',
        `a handle is a whole number from 0 to 2^53-1, but this is ${describe(handle)}`,
      );
    }
    // Exact for every safe integer, and an int32: a product of doubles, even a whole one, would make the fast path's types
    // doubles for the whole process, and each index twice as dear.
    const index = handle & (HANDLE_SLOTS - 1);
    if (!isLive(pool, index) || pool.#handle(index) !== handle)
      throw pool.#disposed ? disposedOf(pool.#label()) : errors.notLive(pool.#label(), `handle ${handle}`);
    return index;
  }

  /**
   * The handle of a block that is in use, given as the block or its index.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` when it is not in use, `ERR_FREEHOLD_LIMIT` when it is beyond the blocks that
   * have handles.
   */
  handleOf(block: Block | number): number {
    const pool = Pool.#checked(this);
    const index = typeof block === 'number' ? block : pool.#liveSlotOf(block);
    if (!isLive(pool, index)) throw pool.#notInUse(index);
    if (index >= HANDLE_SLOTS) throw errors.noHandle(pool.#label(), HANDLE_SLOTS);
    return pool.#handle(index);
  }

  // ---- Memory ----------------------------------------------------------------------------------------------------

  /**
   * Takes memory now, so that `blocks` more can be allocated without asking the system.
   *
   * @throws `ERR_FREEHOLD_LIMIT` when that is more than the pool may have, `ERR_FREEHOLD_OUT_OF_MEMORY`.
   */
  preheat(blocks: number): void {
    const pool = Pool.#live(this);
    const more = checkSize(blocks, 'blocks');
    const { maxBlocks } = pool.#settings;
    if (Slots.live(pool) + more > maxBlocks) throw errors.full(pool.#label(), maxBlocks);
    if (!Slots.preheat(pool, more)) throw pool.#refused();
  }

  /**
   * Gives slabs without a block in use back to the system. What views of them there are have length 0.
   *
   * @returns the bytes given back.
   */
  trim(): number {
    return Slots.trim(Pool.#live(this));
  }

  /** Figures of this moment; all zero after dispose but for the totals. */
  stats(): PoolStats {
    const pool = Pool.#checked(this);
    const { name, blockBytes, alignment, maxBlocks } = pool.#settings;
    const stride = Slots.stride(pool);
    const figures = Slots.figures(pool);
    return {
      kind: 'pool',
      name,
      bytesUsed: figures.blocks * stride,
      bytesReserved: figures.bytesReserved,
      bytesPeak: figures.blocksPeak * stride,
      bytesMetadata: figures.bytesMetadata,
      blockBytes,
      alignment,
      maxBlocks,
      blocks: figures.blocks,
      blocksPeak: figures.blocksPeak,
      capacity: figures.capacity,
      slabs: figures.slabs,
      retired: figures.retired,
      orphanings: figures.orphanings,
      pins: Slots.pinCount(pool),
    };
  }

  /**
   * Ends every block and gives all memory back. Further calls do nothing; any other use throws `ERR_FREEHOLD_DISPOSED`.
   *
   * @throws `ERR_FREEHOLD_PINNED` when a block is pinned; nothing has changed then. `orphan()` is the other choice.
   */
  dispose(): void {
    const pool = Pool.#checked(this);
    if (pool.#disposed) return;
    const pins = Slots.pinCount(pool);
    if (pins > 0) throw errors.pinned(pool.#label(), 'dispose', pins);
    pool.#end(false);
  }

  /**
   * Ends the pool like {@link Pool.dispose}, but leaves its memory to the garbage collector: views stay valid as long as
   * they are reachable. For when native code may still be at work on blocks.
   */
  orphan(): void {
    const pool = Pool.#checked(this);
    if (!pool.#disposed) pool.#end(true);
  }

  /** The same as {@link Pool.dispose}. */
  [Symbol.dispose](): void {
    Pool.#checked(this).dispose();
  }

  /** The figures, for logs. */
  toJSON(): PoolStats {
    return Pool.#checked(this).stats();
  }

  [inspect.custom](): string {
    const { name, blockBytes, blocks, capacity } = Pool.#checked(this).stats();
    const state = this.#disposed ? 'disposed' : `${blocks} of ${capacity} blocks of ${blockBytes} bytes`;
    return `Pool(${name}) { ${state} }`;
  }

  // ---- Receivers -------------------------------------------------------------------------------------------------

  static #checked(value: Pool): Pool {
    if (hasSlots(value)) return value;
    throw wrongReceiverOf('Pool', value);
  }

  static #live(value: Pool): Pool {
    const pool = Pool.#checked(value);
    if (pool.#disposed) throw disposedOf(pool.#label());
    return pool;
  }

  // ---- Slow paths ------------------------------------------------------------------------------------------------

  #label(): string {
    return `pool "${this.#settings.name}"`;
  }

  #fits(size: unknown): size is number {
    return typeof size === 'number' && (size | 0) === size && size > 0 && size <= this.#blockBytes;
  }

  #allocSlow(byteLength: number | undefined, alignment: number | undefined, zeroed: boolean): Block {
    Pool.#live(this);
    const size = byteLength === undefined ? this.#blockBytes : checkSize(byteLength);
    if (alignment !== undefined && checkAlignment(alignment) > this.#alignment)
      throw errors.tooAligned(this.#label(), alignment, this.#alignment);
    if (size > this.#blockBytes) throw errors.tooLarge(this.#label(), size, this.#blockBytes);
    const block = Slots.takeShown(this, size, zeroed);
    if (block === null) throw this.#refused();
    return block;
  }

  #refused(): FreeholdError {
    if (this.#disposed) return disposedOf(this.#label());
    return Slots.refusal(this) === Status.LIMIT
      ? errors.full(this.#label(), Slots.capacity(this))
      : errors.outOfMemory(this.#label(), this.#blockBytes);
  }

  #freeSlow(block: ArrayBufferView): void {
    Pool.#live(this);
    const index = this.#liveSlotOf(block);
    if (mayBePinned(this)) this.#checkUnpinned(index);
    give(this, index);
  }

  /** The slot of a block, or of a view that begins where one begins, that is in use. */
  #liveSlotOf(view: unknown): number {
    const index = Slots.find(this, view);
    if (index < 0) throw this.#notABlock(view);
    if (!Slots.shows(this, view, index))
      throw errors.freedBefore(this.#label(), `the block at index ${index}`);
    return index;
  }

  #notABlock(view: unknown): FreeholdError {
    if (this.#disposed) return disposedOf(this.#label());
    const buffer = bufferOf(view);
    return buffer !== undefined && Slots.showed(this, buffer) && bufferLengthOf(buffer) === 0
      ? errors.gone(this.#label())
      : errors.notABlock(this.#label(), view);
  }

  #notGiven(index: number): FreeholdError {
    if (this.#disposed) return disposedOf(this.#label());
    return Slots.exists(this, index)
      ? errors.freedBefore(this.#label(), `the block at index ${index}`)
      : errors.noSlot(this.#label(), index);
  }

  #notInUse(index: number): FreeholdError {
    if (this.#disposed) return disposedOf(this.#label());
    return errors.notLive(this.#label(), `index ${describe(index)}`);
  }

  #handle(index: number): number {
    return (wordOf(this, index) >>> 1) * HANDLE_SLOTS + index;
  }

  #checkUnpinned(index: number): void {
    const pins = Slots.pinsOf(this, index);
    if (pins > 0) throw errors.pinned(this.#label(), `free of the block at index ${index}`, pins);
  }

  #end(orphan: boolean): void {
    this.#disposed = true;
    if (this.#entry !== null) pools.remove(this.#entry);
    Slots.destroy(this, orphan);
  }
}
