import { inspect } from 'node:util';

import { BlockAllocator } from './block-allocator.ts';
import { Block } from './block.ts';
import { bufferLengthOf, bufferOf, extentOf, fill, max, min, setBytes } from './captured.ts';
import type { FreeholdError } from './errors.ts';
import { ownerOf } from './exposure.ts';
import { type CallbackOptions, readCallbackOptions } from './ffi/callback-options.ts';
import { type AllocatorCallbacks, callbacksAgain, callbacksOf, endCallbacks } from './ffi/callbacks.ts';
import { type AllocOptions, type HeapOptions, readAllocOptions, readHeapOptions } from './heap-options.ts';
import type { HeapStats } from './heap-stats.ts';
import { heaps } from './live-allocators.ts';
import { BlockState, type LoneBlock, LoneBlocks, loneBlockOf } from './lone-blocks.ts';
import { Guard, type LibraryHeapHandle, native } from './native.ts';
import { Pin } from './pin.ts';
import * as errors from './pool-errors.ts';
import { type Pool, poolOf } from './pool.ts';
import { MAX_SMALL_BYTES, SIZE_CLASSES, classBytes, classOf as classOfBytes } from './size-classes.ts';
import { Slots, giveBlockOf, slotsShownBy } from './slots.ts';
import { LARGEST_BLOCK, checkSize, disposedOf, wrongReceiverOf } from './validate.ts';

// The fast path's functions and constants by names of this module: what is imported is looked up at each use.
const { blockOf, give, isLive, takeBlock, takeZeroed } = Slots;
const classOf = classOfBytes;
const giveSlotOf = giveBlockOf;
const LARGEST_SMALL = MAX_SMALL_BYTES;
/** The alignment that every block has, in bytes. */
const MIN_ALIGNMENT = 16;
/** The largest alignment that a block of a slab can have: slabs begin at pages. */
const MAX_SMALL_ALIGNMENT = 4096;
/** The size of slabs, about, in bytes: what a class of sizes has and does not need is a slab or two. */
const SLAB_BYTES = 64 * 1024;

type Four = [number, number, number, number];

/** A block's place: a slot of a pool, or pages of its own. */
type Place =
  | { readonly pool: Pool; readonly index: number; readonly lone?: undefined }
  | { readonly lone: LoneBlock; readonly pool?: undefined };

/**
 * Blocks of any size and alignment that are freed one by one: `malloc` and `free` whose mistakes are errors and not
 * corruption. Up to 32 KiB a block comes from the pool of its size class (at most an eighth larger, from 129 bytes on); a
 * larger one has pages and an ArrayBuffer of its own, which are given back when it is freed: then its views have length 0.
 *
 * A small block that was freed is the next one's, views and all, as in a {@link Pool}; `isolate` gives any block pages of
 * its own, so that its views die. All that the heap knows of its blocks is out of their reach. Memory that no block has
 * needed for a while goes back to the system, a slab at a time: then what the program still has of freed blocks has length 0.
 *
 * It belongs to the thread that made it. When it is disposed all of its blocks have length 0.
 *
 * @example
 * ```ts
 * import { Heap } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new Heap();
 * const small = heap.alloc(100);
 * const aligned = heap.alloc(4096, 4096); // for O_DIRECT
 * assert.equal(aligned.address % 4096n, 0n);
 * heap.free(small);
 * assert.throws(() => heap.free(small), { code: 'ERR_FREEHOLD_DOUBLE_FREE' });
 * ```
 */
export class Heap extends BlockAllocator {
  // By size class; without one until its first block.
  readonly #classes: (Pool | undefined)[] = new Array<Pool | undefined>(SIZE_CLASSES).fill(undefined);
  readonly #name: string;
  readonly #isolate: boolean;
  #lone: LoneBlocks;
  #lonePeak = 0;
  // Blocks of C libraries, which are freed by address; made when they are asked for.
  #library: LibraryHeapHandle | null = null;
  #callbacks: AllocatorCallbacks | null = null;
  #disposed = false;
  // Where memoryStats() finds it.
  readonly #entry: WeakRef<Heap>;

  /**
   * A heap without memory: it comes with the first blocks.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense.
   */
  constructor(options?: HeapOptions) {
    super();
    const { name, isolate } = readHeapOptions(options);
    this.#name = name;
    this.#isolate = isolate;
    const handle = native.createBlocks();
    if (handle === undefined) throw errors.outOfMemory(this.#label(), 0);
    this.#lone = new LoneBlocks(this, handle);
    this.#entry = heaps.add(this);
  }

  /** The name given to the heap. */
  get name(): string {
    return Heap.#checked(this).#name;
  }

  /** Whether the heap was disposed. */
  get disposed(): boolean {
    return Heap.#checked(this).#disposed;
  }

  /**
   * A block of `byteLength` zeroed bytes (0 to 2^53-1) at a multiple of an alignment (a power of two up to 2 MiB; 16 when
   * none is given). The caller owns it until it is freed.
   *
   * @throws `ERR_FREEHOLD_OUT_OF_MEMORY`, `ERR_FREEHOLD_INVALID_SIZE`, `ERR_FREEHOLD_INVALID_ALIGNMENT`,
   * `ERR_FREEHOLD_INVALID_ARGUMENT`, `ERR_FREEHOLD_DISPOSED`.
   *
   * @example
   * ```ts
   * import { Heap } from 'freehold';
   * import assert from 'node:assert';
   *
   * using heap = new Heap();
   * const secret = heap.alloc(64, { isolate: true });
   * const view = new Uint8Array(secret.buffer);
   * heap.free(secret);
   * assert.equal(view.length, 0);
   * ```
   */
  alloc(byteLength: number, how?: number | AllocOptions): Block {
    if (typeof this !== 'object' || this === null || !(#classes in this)) throw wrongReceiverOf('Heap', this);
    if (how === undefined && this.#isSmall(byteLength)) {
      const pool = this.#classes[classOf(byteLength)];
      if (pool !== undefined) {
        const block = takeZeroed(pool, byteLength);
        if (block !== undefined) return block;
      }
    }
    return this.#allocSlow(byteLength, how, true);
  }

  /** Like {@link Heap.alloc} without zeroing: the bytes are whatever the block before left there. */
  allocUnsafe(byteLength: number, how?: number | AllocOptions): Block {
    if (typeof this !== 'object' || this === null || !(#classes in this)) throw wrongReceiverOf('Heap', this);
    if (how === undefined && this.#isSmall(byteLength)) {
      const pool = this.#classes[classOf(byteLength)];
      if (pool !== undefined) {
        const block = takeBlock(pool, byteLength);
        if (block !== undefined) return block;
      }
    }
    return this.#allocSlow(byteLength, how, false);
  }

  /** Like {@link Heap.alloc}, but null when there is no memory. */
  tryAlloc(byteLength: number, how?: number | AllocOptions): Block | null {
    const heap = Heap.#live(this);
    const size = checkSize(byteLength);
    const { alignment, isolate } = readAllocOptions(how, heap.#isolate);
    return Heap.#live(heap).#allocOrNull(size, alignment, isolate, true);
  }

  /**
   * Gives a block back, by the block or any other view that begins where it begins.
   *
   * @throws `ERR_FREEHOLD_DOUBLE_FREE` for a block that was freed before, `ERR_FREEHOLD_INVALID_FREE` for anything that
   * is no block of this heap or does not begin where one begins, `ERR_FREEHOLD_USE_AFTER_FREE` when its buffer was
   * transferred and the heap has found that (an allocation does), `ERR_FREEHOLD_PINNED` while a pin holds it; nothing has changed then.
   */
  free(block: ArrayBufferView): void {
    if (typeof this !== 'object' || this === null || !(#classes in this)) throw wrongReceiverOf('Heap', this);
    if (!giveSlotOf(block, this)) this.#freeSlow(block);
  }

  /**
   * A block of `byteLength` bytes that begins with the bytes of `block`, which must not be used any more; what is added is
   * zeroed. At the same place when its size class stays the same; else at another, where a small block has no larger
   * alignment than 16.
   *
   * @throws as {@link Heap.alloc} and {@link Heap.free}; then `block` is as it was.
   */
  realloc(block: Block, byteLength: number): Block {
    const heap = Heap.#live(this);
    const size = checkSize(byteLength);
    const place = heap.#placeOf(block);
    const { byteOffset, byteLength: before } = extentOf(block);
    const same = heap.#resize(place, size);
    if (same !== null) {
      if (size > before) fill(same, 0, before, size);
      return same;
    }
    heap.#checkUnpinned(place, 'realloc');
    // Fresh pages are zero: what is added to a large block is not touched.
    const isLarge = size > MAX_SMALL_BYTES;
    const moved = heap.#allocOrNull(
      size,
      place.lone?.alignment ?? MIN_ALIGNMENT,
      heap.#isIsolated(place),
      isLarge,
    );
    if (moved === null) throw errors.outOfMemory(heap.#label(), size);
    const kept = min(size, before);
    setBytes(moved, new Uint8Array(bufferOf(block) as ArrayBuffer, byteOffset, kept));
    if (size > kept && !isLarge) fill(moved, 0, kept, size);
    heap.#end(place);
    return moved;
  }

  /**
   * How many bytes from its beginning are the block's: at least its length. `realloc` to as many stays in place.
   *
   * @throws as {@link Heap.free}.
   */
  usableSize(block: ArrayBufferView): number {
    const { pool, lone } = Heap.#live(this).#placeOf(block);
    return pool === undefined ? lone.usable : pool.blockBytes;
  }

  /** Whether a view lies in a block of this heap that is in use. */
  owns(view: ArrayBufferView): boolean {
    return Heap.#checked(this).#placeAround(view) !== undefined;
  }

  /**
   * Holds a block against being freed, and the heap against dispose, while native code works on it. The caller owns the
   * pin.
   */
  pin(block: ArrayBufferView): Pin {
    const heap = Heap.#live(this);
    const place = heap.#placeAround(block);
    if (place === undefined) throw heap.#notABlock(block);
    return place.pool === undefined ? new Pin(place.lone.pins) : Slots.pinSlot(place.pool, place.index);
  }

  /**
   * Gives memory without a block in use back to the system.
   *
   * @returns the bytes given back.
   */
  trim(): number {
    let bytes = 0;
    for (const pool of Heap.#live(this).#pools()) bytes += Slots.trim(pool);
    return bytes;
  }

  /**
   * Functions with which C libraries allocate from this heap; the same each time, unless they were disposed. Blocks that libraries
   * have count in {@link Heap.stats}. See {@link AllocatorCallbacks}.
   *
   * @throws `ERR_FREEHOLD_OUT_OF_MEMORY`, `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense, or other ones than
   * those that it has.
   */
  callbacks(options?: CallbackOptions): AllocatorCallbacks {
    Heap.#live(this);
    const settings = readCallbackOptions(options);
    const heap = Heap.#live(this); // Reading the options may have run anything.
    const found = heap.#callbacks;
    if (found !== null && !found.disposed) return callbacksAgain(found, options);
    heap.#library ??= native.createLibraryHeap() ?? null;
    const memory =
      heap.#library === null
        ? undefined
        : native.memoryOfHeap(heap.#library, settings.limitBytes, settings.failAt);
    if (memory === undefined) throw errors.outOfMemory(heap.#label(), 0);
    return (heap.#callbacks = callbacksOf(heap, memory, heap.#label(), settings.limitBytes));
  }

  /** Figures of this moment; all zero after dispose but for the totals. */
  stats(): HeapStats {
    const heap = Heap.#checked(this);
    const [large, largeReserved] = heap.#disposed ? [0, 0] : heap.#lone.figures();
    const total = {
      bytesUsed: heap.#disposed ? 0 : heap.#lone.bytes,
      bytesReserved: largeReserved,
      bytesPeak: heap.#lonePeak,
      bytesMetadata: 0,
      blocks: large,
      pins: heap.#disposed ? 0 : heap.#lone.pins(),
      orphanings: heap.#lone.orphanings,
      classes: 0,
    };
    for (const pool of heap.#pools()) {
      const figures = Slots.figures(pool);
      total.bytesUsed += figures.blocks * pool.blockBytes;
      total.bytesReserved += figures.bytesReserved;
      total.bytesPeak += figures.blocksPeak * pool.blockBytes;
      total.bytesMetadata += figures.bytesMetadata;
      total.blocks += figures.blocks;
      total.pins += Slots.pinCount(pool);
      total.orphanings += figures.orphanings;
      if (figures.slabs > 0) total.classes++;
    }
    if (heap.#library !== null && !heap.#disposed) {
      const [blocks, bytes, reserved, metadata] = native.libraryHeapFigures(heap.#library) as Four;
      total.blocks += blocks;
      total.bytesUsed += bytes;
      total.bytesReserved += reserved;
      total.bytesMetadata += metadata;
    }
    return { kind: 'heap', name: heap.#name, ...total, large };
  }

  /**
   * Ends every block and gives all memory back. Further calls do nothing; any other use throws `ERR_FREEHOLD_DISPOSED`.
   *
   * @throws `ERR_FREEHOLD_PINNED` when a block is pinned; nothing has changed then.
   */
  dispose(): void {
    const heap = Heap.#checked(this);
    if (heap.#disposed) return;
    let pins = heap.#lone.pins();
    for (const pool of heap.#pools()) pins += Slots.pinCount(pool);
    if (pins > 0) throw errors.pinned(heap.#label(), 'dispose', pins);
    heap.#disposed = true; // First: whatever interrupts the rest, what is left is the collector's.
    heaps.remove(heap.#entry);
    if (heap.#callbacks !== null) endCallbacks(heap.#callbacks);
    if (heap.#library !== null) native.destroyLibraryHeap(heap.#library);
    for (const pool of heap.#pools()) pool.dispose();
    heap.#lone.destroy();
  }

  /** The same as {@link Heap.dispose}. */
  [Symbol.dispose](): void {
    Heap.#checked(this).dispose();
  }

  /** The figures, for logs. */
  toJSON(): HeapStats {
    return Heap.#checked(this).stats();
  }

  [inspect.custom](): string {
    const { name, bytesUsed, blocks } = Heap.#checked(this).stats();
    const state = this.#disposed ? 'disposed' : `${bytesUsed} bytes in ${blocks} block(s)`;
    return `Heap(${name}) { ${state} }`;
  }

  // ---- Receivers -------------------------------------------------------------------------------------------------

  static #checked(value: Heap): Heap {
    if (typeof value === 'object' && value !== null && #classes in value) return value;
    throw wrongReceiverOf('Heap', value);
  }

  static #live(value: Heap): Heap {
    const heap = Heap.#checked(value);
    if (heap.#disposed) throw disposedOf(heap.#label());
    return heap;
  }

  // ---- Allocating ------------------------------------------------------------------------------------------------

  #label(): string {
    return `heap "${this.#name}"`;
  }

  #isSmall(size: unknown): size is number {
    return (
      typeof size === 'number' && (size | 0) === size && size > 0 && size <= LARGEST_SMALL && !this.#isolate
    );
  }

  #allocSlow(byteLength: number, how: number | AllocOptions | undefined, zeroed: boolean): Block {
    Heap.#live(this);
    const size = checkSize(byteLength);
    const { alignment, isolate } = readAllocOptions(how, this.#isolate);
    // Reading the options may have run anything.
    const block = Heap.#live(this).#allocOrNull(size, alignment, isolate, zeroed);
    if (block === null) throw errors.outOfMemory(this.#label(), size);
    return block;
  }

  #allocOrNull(size: number, alignment: number, isolate: boolean, zeroed: boolean): Block | null {
    if (isolate || alignment > MAX_SMALL_ALIGNMENT || size > MAX_SMALL_BYTES)
      return this.#allocLone(size, alignment, isolate, zeroed);
    // Rounded up to its alignment a request falls into a class whose blocks all have it, in slabs that begin at pages.
    const rounded = (max(size, 1) + alignment - 1) & -alignment;
    if (alignment > MIN_ALIGNMENT && native.usesEngineMemory())
      return this.#allocLone(size, alignment, isolate, zeroed);
    return Slots.takeShown(this.#poolFor(classOf(rounded)), size, zeroed);
  }

  #allocLone(size: number, alignment: number, isolate: boolean, zeroed: boolean): Block | null {
    if (size > LARGEST_BLOCK) return null;
    // Isolated blocks get pages that nobody else has had: what was written through a stale view stays without effect.
    const made = this.#lone.take(size, max(alignment, MIN_ALIGNMENT), Guard.NONE, !isolate);
    if (made === null) return null;
    this.#lonePeak = max(this.#lonePeak, this.#lone.bytes);
    const block = new Block(made.buffer, made.offset, size);
    const dirty = made.dirty - made.offset;
    if (zeroed && dirty > 0) fill(block, 0, 0, min(dirty, size));
    return block;
  }

  #poolFor(sizeClass: number): Pool {
    const found = this.#classes[sizeClass];
    if (found !== undefined) return found;
    const blockBytes = classBytes(sizeClass);
    const pool = poolOf(this, {
      blockBytes,
      alignment: MIN_ALIGNMENT,
      slabBytes: SLAB_BYTES,
      name: this.#name,
    });
    this.#classes[sizeClass] = pool;
    return pool;
  }

  *#pools(): Generator<Pool> {
    for (let index = 0; index < SIZE_CLASSES; index++) {
      const pool = this.#classes[index];
      if (pool !== undefined) yield pool;
    }
  }

  // ---- Finding and giving back -----------------------------------------------------------------------------------

  #freeSlow(block: ArrayBufferView): void {
    const place = Heap.#live(this).#placeOf(block);
    this.#checkUnpinned(place, 'free');
    this.#end(place);
  }

  #end(place: Place): void {
    if (place.pool === undefined) this.#lone.end(place.lone);
    else give(place.pool, place.index);
  }

  /** The block that a view begins with; throws for what is none. */
  #placeOf(view: ArrayBufferView): Place {
    const buffer = bufferOf(view);
    if (buffer === undefined || ownerOf(buffer) !== this) throw errors.notABlock(this.#label(), view);
    const pool = slotsShownBy(buffer) as Pool | undefined;
    if (pool !== undefined) {
      const index = Slots.find(pool, view);
      if (index < 0) throw this.#notABlock(view);
      if (!Slots.shows(pool, view, index)) throw errors.freedBefore(this.#label(), 'this block');
      return { pool, index };
    }
    const lone = loneBlockOf(buffer);
    if (lone === undefined) throw errors.notABlock(this.#label(), view);
    if (lone.state === BlockState.FREED) throw errors.freedBefore(this.#label(), 'this block');
    if (!this.#lone.has(lone)) throw errors.gone(this.#label());
    if (extentOf(view).byteOffset !== lone.offset) throw errors.notABlock(this.#label(), view);
    return { lone };
  }

  /** The live block that a view lies in. */
  #placeAround(view: ArrayBufferView): Place | undefined {
    const buffer = bufferOf(view);
    if (this.#disposed || buffer === undefined || ownerOf(buffer) !== this) return undefined;
    const pool = slotsShownBy(buffer) as Pool | undefined;
    if (pool !== undefined) {
      const index = Slots.slotAround(pool, view);
      return isLive(pool, index) ? { pool, index } : undefined;
    }
    const lone = loneBlockOf(buffer);
    return lone !== undefined && this.#lone.has(lone) ? { lone } : undefined;
  }

  #notABlock(view: unknown): FreeholdError {
    const buffer = bufferOf(view);
    const ours = buffer !== undefined && ownerOf(buffer) === this;
    return ours && bufferLengthOf(buffer) === 0
      ? errors.gone(this.#label())
      : errors.notABlock(this.#label(), view);
  }

  /** The same memory as a block of another size, when it is what that size would get; null when it is not. */
  #resize(place: Place, size: number): Block | null {
    if (place.pool === undefined) {
      const { buffer, offset } = place.lone;
      return place.lone.fits(size) ? new Block(buffer, offset, size) : null;
    }
    const { pool, index } = place;
    if (
      size > pool.blockBytes ||
      (size < pool.blockBytes && classBytes(classOf(max(size, 1))) !== pool.blockBytes)
    )
      return null;
    return blockOf(pool, index, size) ?? null;
  }

  #isIsolated({ lone }: Place): boolean {
    return lone !== undefined && (this.#isolate || lone.usable <= MAX_SMALL_BYTES);
  }

  #checkUnpinned(place: Place, action: string): void {
    const pins = place.pool === undefined ? place.lone.pins.count : Slots.pinsOf(place.pool, place.index);
    if (pins > 0) throw errors.pinned(this.#label(), action, pins);
  }
}
