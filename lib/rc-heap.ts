import { inspect } from 'node:util';

import { Block } from './block.ts';
import { bufferOf, byteLengthOf, extentOf, fill, max, min, setBytes } from './captured.ts';
import type { FreeholdError } from './errors.ts';
import { collected } from './events.ts';
import { ownerOf } from './exposure.ts';
import { rcHeaps } from './live-allocators.ts';
import { type LoneBlock, LoneBlocks, loneBlockOf } from './lone-blocks.ts';
import { Guard, native } from './native.ts';
import { Pin, PinCount } from './pin.ts';
import { RcDisposals } from './rc-disposals.ts';
import * as errors from './rc-errors.ts';
import { RcGraph } from './rc-graph.ts';
import { Control, FIRST_INDEX, MAX_INDICES, RcStatus, UNITS, statusIn } from './rc-layout.ts';
import { type RcCycle, drawDot, readCycles } from './rc-inspection.ts';
import {
  type CollectOptions,
  type DisposedBlock,
  type RcAllocOptions,
  type RcHeapOptions,
  checkRefs,
  nanosecondsOf,
  readCollectOptions,
  readRcAllocOptions,
  readRcHeapOptions,
} from './rc-options.ts';
import { RcSlabs } from './rc-slabs.ts';
import type { RcHeapStats } from './rc-stats.ts';
import { countCollector, settleCollector } from './rc-totals.ts';
import { Rc, RcTally, standFor, rcOf, tallyOf } from './rc.ts';
import { MAX_SMALL_BYTES, classOf } from './size-classes.ts';
import { type TypedArray, type TypedArrayConstructor, checkTypedArrayConstructor } from './typed-arrays.ts';
import { LARGEST_BLOCK, checkFunction, checkSize, disposedOf, wrongReceiverOf } from './validate.ts';

// The fast path's functions by names of this module: an imported class is looked up at each call.
const {
  is: isGraph,
  release: releaseIn,
  retain: retainIn,
  setRef: setRefIn,
  moveRef: moveRefIn,
  refOf: refIn,
  take,
} = RcGraph;

const LARGEST_SMALL = MAX_SMALL_BYTES;
const MIN_ALIGNMENT = 16;
/** The largest alignment that a block of a slab can have: slabs begin at pages. */
const MAX_SMALL_ALIGNMENT = 4096;

/** A block with pages of its own, and how long it was asked to be. */
interface LargeBlock {
  readonly lone: LoneBlock;
  readonly byteLength: number;
}

/** Holds a block by a handle as long as there are pins of it. */
class RcPins extends PinCount {
  readonly #heap: RcHeap;
  readonly #handle: number;

  constructor(heap: RcHeap, handle: number) {
    super();
    this.#heap = heap;
    this.#handle = handle;
  }

  override hold(): void {
    this.#heap.retain(this.#handle);
    super.hold();
  }

  override letGo(): void {
    super.letGo();
    if (!this.#heap.disposed) this.#heap.release(this.#handle);
  }
}

const droppedOnes = new FinalizationRegistry<RcTally>((tally) => {
  noteDropped(tally);
});

let noteDropped: (tally: RcTally) => void;

/**
 * Blocks that free themselves: each lives as long as a handle or a reference from a living block leads to it, and is freed at
 * the moment when none does any more. Blocks that only refer to each other are found by collections, which begin by
 * themselves and whose pauses are bounded.
 *
 * `alloc` gives an {@link Rc}, a Buffer with `retain`, `release` and references. Programs that want no objects work with
 * handles, whole numbers from `allocHandle`, at some nanoseconds an operation. Who releases a handle must not use it again: it
 * may be another block's then; weak handles tell lives apart.
 *
 * Up to 32 KiB blocks come from slabs, at 24 bytes of tables each and 4 for each reference; larger ones have pages of their
 * own. All that is known of blocks is out of their reach. A heap belongs to the thread that made it. When it is disposed all
 * of its blocks have length 0.
 *
 * @example
 * ```ts
 * import { RcHeap } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new RcHeap();
 * const a = heap.alloc(64, { refs: 1 });
 * const b = heap.alloc(64, { refs: 1 });
 * a.setRef(0, b);
 * b.setRef(0, a); // a cycle
 * a.release();
 * b.release();
 * heap.collect();
 * assert.equal(heap.stats().blocks, 0);
 * ```
 */
export class RcHeap extends RcGraph {
  readonly #name: string;
  readonly #slabs: RcSlabs;
  readonly #lone: LoneBlocks;
  readonly #large = new Map<number, LargeBlock>();
  readonly #disposals = new RcDisposals();
  readonly #pins = new Map<number, RcPins>();
  #limit: number;
  #peak = 0;
  #dropped = 0;
  #slabsGiven = 0;
  #disposed = false;
  // Where memoryStats() finds it.
  readonly #entry: WeakRef<RcHeap>;

  /**
   * A heap without memory: it comes with the first blocks.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense, `ERR_FREEHOLD_OUT_OF_MEMORY`.
   */
  constructor(options?: RcHeapOptions) {
    super();
    const { name, limitBytes, automatic, maxPauseMs } = readRcHeapOptions(options);
    this.#name = name;
    this.#limit = limitBytes;
    const blocks = native.createBlocks();
    if (
      blocks === undefined ||
      !RcGraph.open(this, {
        disposed: (quietly) => {
          if (quietly) this.#hearQuietly();
          else this.#hear();
        },
      })
    )
      throw errors.outOfMemory(this.label, 0);
    this.#slabs = new RcSlabs(this);
    this.#lone = new LoneBlocks(this, blocks);
    this.#entry = rcHeaps.add(this);
    const handle = RcGraph.handle(this);
    if (handle === null) return;
    countCollector(this, handle);
    native.rcSetLimit(handle, limitBytes);
    RcGraph.setAutomatic(this, automatic, nanosecondsOf(maxPauseMs));
  }

  /** The name given to the heap. */
  get name(): string {
    return RcHeap.#checked(this).#name;
  }

  /** @internal How messages call it. */
  get label(): string {
    return `rc heap "${RcHeap.#checked(this).#name}"`;
  }

  /** Whether the heap was disposed. */
  get disposed(): boolean {
    return RcHeap.#checked(this).#disposed;
  }

  /** How many bytes of blocks may live at a time; Infinity for as many as there are. */
  get limit(): number {
    return RcHeap.#checked(this).#limit;
  }

  // ---- Blocks as objects -----------------------------------------------------------------------------------------

  /**
   * A block of `byteLength` zeroed bytes (0 to 2^53-1), which the caller owns one handle of.
   *
   * When there is no memory, or the limit is reached, everything is collected before it fails.
   *
   * @throws `ERR_FREEHOLD_OUT_OF_MEMORY`, `ERR_FREEHOLD_LIMIT`, `ERR_FREEHOLD_INVALID_SIZE`, `ERR_FREEHOLD_INVALID_ALIGNMENT`,
   * `ERR_FREEHOLD_INVALID_ARGUMENT`, `ERR_FREEHOLD_DISPOSED`.
   */
  alloc(byteLength: number, how?: number | RcAllocOptions): Rc {
    return RcHeap.#checked(this).#alloc(byteLength, how, true);
  }

  /** Like {@link RcHeap.alloc} without zeroing: the bytes are whatever the block before left there. */
  allocUnsafe(byteLength: number, how?: number | RcAllocOptions): Rc {
    return RcHeap.#checked(this).#alloc(byteLength, how, false);
  }

  /** Like {@link RcHeap.alloc}, but null when there is no memory or the limit is reached. */
  tryAlloc(byteLength: number, how?: number | RcAllocOptions): Rc | null {
    const heap = RcHeap.#live(this);
    const size = checkSize(byteLength);
    const options = readRcAllocOptions(how);
    const made = RcHeap.#live(heap).#make(size, options);
    return typeof made === 'number' ? null : heap.#finish(made, options, true);
  }

  /**
   * The block at another size, what is added zeroed: at the same place when its size class stays the same, else at another,
   * with its references and callbacks, where a small block has no larger alignment than 16 and weak references of the old one
   * are dead. The `Rc` that is passed must not be used any more.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when others hold the block too, and as {@link RcHeap.alloc} and
   * {@link RcHeap.free}; then it is as it was.
   */
  realloc(block: Block, byteLength: number): Rc {
    const heap = RcHeap.#live(this);
    const size = checkSize(byteLength);
    const tally = heap.#tallyOf(block);
    const { index } = tally;
    const holders = heap.refCount(index);
    if (holders > 1) throw errors.shared(heap.label, holders);
    const { byteOffset, byteLength: before } = extentOf(block);
    if (heap.#resize(index, size)) {
      const same = heap.#show(index, size);
      if (same === undefined) throw errors.gone(heap.label);
      tally.handles = 0;
      if (size > before) fill(same, 0, before, size);
      return same;
    }
    const kept = min(size, before);
    const refs = RcGraph.slotsOf(heap, index);
    const lone = heap.#large.get(index)?.lone;
    const alignment = lone?.alignment ?? MIN_ALIGNMENT;
    const made = heap.#make(size, { alignment, refs, isolate: lone !== undefined && lone.lent !== null });
    if (typeof made === 'number') throw heap.#refusal(made, size);
    setBytes(made, new Uint8Array(bufferOf(block) as ArrayBuffer, byteOffset, kept));
    heap.#zero(made, kept);
    for (let slot = 0; slot < refs; slot++) {
      const to = RcGraph.refOf(heap, index, slot);
      if (to > 0) heap.setRef(made.handle, slot, to);
    }
    const core = RcGraph.handle(heap);
    if (heap.#disposals.move(index, made.handle) && core !== null)
      native.rcSetNotify(core, made.handle, true);
    tally.handles = 0;
    heap.release(index);
    return made;
  }

  /**
   * Gives up one handle of a block: the same as `release()` of the `Rc` that `alloc` has returned, or that `array` made its
   * array of.
   *
   * @throws `ERR_FREEHOLD_DOUBLE_FREE` when it was released before, `ERR_FREEHOLD_INVALID_FREE` for anything else.
   */
  free(block: ArrayBufferView): void {
    const heap = RcHeap.#live(this);
    const tally = heap.#tallyOf(block);
    tally.handles--;
    heap.release(tally.index);
  }

  /** A zeroed typed array of `length` elements over a block; it keeps the block, and is freed like one. */
  override array<C extends TypedArrayConstructor>(constructor: C, length: number): TypedArray<C> {
    const heap = RcHeap.#live(this);
    checkTypedArrayConstructor(constructor);
    const byteLength = checkSize(
      checkSize(length, 'length') * constructor.BYTES_PER_ELEMENT,
      'length in bytes',
    );
    const block = heap.alloc(byteLength);
    const { byteOffset } = extentOf(block);
    const array = new constructor(bufferOf(block) as ArrayBuffer, byteOffset, length) as TypedArray<C>;
    standFor(array, block);
    return array;
  }

  /** Whether a view lies in a block of this heap that lives. */
  owns(view: ArrayBufferView): boolean {
    const heap = RcHeap.#checked(this);
    return !heap.#disposed && heap.#indexAt(view) > 0;
  }

  /** Holds a block, and the heap against dispose, while native code works on it. The caller owns the pin. */
  pin(block: ArrayBufferView): Pin {
    const heap = RcHeap.#live(this);
    const index = heap.#indexAt(block);
    if (index <= 0) throw errors.notABlock(heap.label, block);
    let pins = heap.#pins.get(index);
    if (pins === undefined || pins.count === 0) heap.#pins.set(index, (pins = new RcPins(heap, index)));
    return new Pin(pins);
  }

  /**
   * An `Rc` for a handle, which it takes over from the caller.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` for what is no living block, `ERR_FREEHOLD_DOUBLE_FREE` for one without handles.
   */
  adopt(handle: number): Rc {
    const heap = RcHeap.#live(this);
    heap.#checkLive(handle);
    if (RcGraph.handlesOf(heap, handle) === 0) throw errors.noHandle(heap.label, handle);
    const rc = heap.#show(handle, heap.#lengthOf(handle));
    if (rc === undefined) throw errors.gone(heap.label);
    return rc;
  }

  // ---- Handles ---------------------------------------------------------------------------------------------------

  /**
   * A block without an object: its handle, a whole number from 64 to 2^28-1, with room for `refs` references. What the block
   * holds is left as it is. The caller owns the handle.
   *
   * @throws as {@link RcHeap.alloc}.
   *
   * @example
   * ```ts
   * import { RcHeap } from 'freehold';
   * import assert from 'node:assert';
   *
   * using heap = new RcHeap();
   * const root = heap.allocHandle(32, 2);
   * heap.moveRef(root, 0, heap.allocHandle(32));
   * heap.view(heap.peekRef(root, 0)).writeInt32LE(7);
   * heap.release(root);
   * assert.equal(heap.stats().blocks, 0);
   * ```
   */
  allocHandle(byteLength: number, refs = 0): number {
    if (!isGraph(this)) throw wrongReceiverOf('RcHeap', this);
    if (
      typeof byteLength === 'number' &&
      (byteLength | 0) === byteLength &&
      byteLength > 0 &&
      byteLength <= LARGEST_SMALL
    ) {
      // Whatever `refs` is: only if it is as many as the free block has room for, that is the block.
      const index = take(this, byteLength, refs, byteLength);
      if (index > 0) return index;
    }
    return this.#allocHandleSlow(byteLength, refs);
  }

  /**
   * One more handle of a block.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` for what is no living block, `ERR_FREEHOLD_LIMIT` for more than 2^31-1.
   */
  retain(handle: number): void {
    if (!isGraph(this)) throw wrongReceiverOf('RcHeap', this);
    const status = retainIn(this, handle);
    if (status !== RcStatus.OK) throw this.#failure(status, handle);
  }

  /**
   * One handle less. With the last handle and reference the block dies, and what only it referred to.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` for what is no living block, `ERR_FREEHOLD_DOUBLE_FREE` for one without handles, and
   * what `onDispose` callbacks throw, when all is done.
   */
  release(handle: number): void {
    if (!isGraph(this)) throw wrongReceiverOf('RcHeap', this);
    const status = releaseIn(this, handle);
    if (status !== RcStatus.OK) throw this.#failure(status, handle);
  }

  /**
   * Makes a reference of the block `from` lead to the block `to`, or with 0 to none.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE`, `ERR_FREEHOLD_INVALID_ARGUMENT` when `from` has no such reference.
   */
  setRef(from: number, slot: number, to: number): void {
    if (!isGraph(this)) throw wrongReceiverOf('RcHeap', this);
    const status = setRefIn(this, from, slot, to);
    if (status !== RcStatus.OK) throw this.#refFailure(status, from, slot, to);
  }

  /** The same, and a handle of `to`, which the caller gives up, becomes the reference. */
  moveRef(from: number, slot: number, to: number): void {
    if (!isGraph(this)) throw wrongReceiverOf('RcHeap', this);
    const status = moveRefIn(this, from, slot, to);
    if (status !== RcStatus.OK) throw this.#refFailure(status, from, slot, to);
  }

  /** What a reference leads to, as a handle that the caller owns; 0 for nothing. */
  getRef(from: number, slot: number): number {
    const heap = RcHeap.#checked(this);
    const to = heap.peekRef(from, slot);
    if (to > 0) heap.retain(to);
    return to;
  }

  /** What a reference leads to, as a handle that nobody has taken: valid as long as something else holds the block. */
  peekRef(from: number, slot: number): number {
    if (!isGraph(this)) throw wrongReceiverOf('RcHeap', this);
    const to = refIn(this, from, slot);
    if (to < 0)
      throw this.#refFailure(
        RcGraph.isLive(this, from) ? RcStatus.NO_SLOT : RcStatus.NOT_LIVE,
        from,
        slot,
        0,
      );
    return to;
  }

  /** How many hold a block: handles and references. */
  refCount(handle: number): number {
    const heap = RcHeap.#checked(this);
    heap.#checkLive(handle);
    return RcGraph.handlesOf(heap, handle) + RcGraph.edgesOf(heap, handle);
  }

  /** How many references to others a block has room for. */
  refSlots(handle: number): number {
    const heap = RcHeap.#checked(this);
    heap.#checkLive(handle);
    return RcGraph.slotsOf(heap, handle);
  }

  /** Makes room for `refs` references in a block; those that are there stay. */
  reserveRefs(handle: number, refs: number): void {
    const heap = RcHeap.#checked(this);
    const status = RcGraph.reserveRefs(heap, handle, checkRefs(refs));
    heap.#follow();
    if (status !== RcStatus.OK) throw heap.#failure(status, handle);
  }

  /** Whether a handle is a living block's. A handle that was released may be another's. */
  isLive(handle: number): boolean {
    return RcGraph.isLive(RcHeap.#checked(this), handle);
  }

  /** The bytes of a block, as a view that holds nothing: valid as long as the block lives. */
  view(handle: number): Block {
    const heap = RcHeap.#live(this);
    heap.#checkLive(handle);
    const place = heap.#placeOf(handle);
    if (place === undefined) throw errors.gone(heap.label);
    return new Block(place.buffer, place.offset, heap.#lengthOf(handle));
  }

  /** The address of a block in this process, for native code. Valid as long as the block lives. */
  address(handle: number): bigint {
    return RcHeap.#live(this).view(handle).address;
  }

  /** A number that names this life of a block without keeping it alive, for {@link RcHeap.upgrade}. */
  weakHandle(handle: number): number {
    const heap = RcHeap.#live(this);
    heap.#checkLive(handle);
    const core = RcGraph.handle(heap);
    return core === null ? 0 : (native.rcWeakOf(core, handle) + 1) * MAX_INDICES + handle;
  }

  /** A handle of the block that a weak handle names, which the caller owns; 0 when the block is dead. */
  upgrade(weak: number): number {
    const heap = RcHeap.#live(this);
    const [index, generation] = heap.#readWeak(weak);
    const core = RcGraph.handle(heap);
    if (core === null) return 0;
    const status = native.rcUpgrade(core, index, generation);
    RcGraph.settle(heap, true);
    return status === RcStatus.OK ? index : 0;
  }

  /** Whether the block that a weak handle names lives. */
  isAlive(weak: number): boolean {
    const heap = RcHeap.#live(this);
    const [index, generation] = heap.#readWeak(weak);
    return RcGraph.isLive(heap, index) && RcGraph.generationOf(heap, index) === generation;
  }

  /** Calls `callback` when a block has died, and all that died with it. */
  onDispose(handle: number, callback: (block: DisposedBlock) => void): void {
    const heap = RcHeap.#live(this);
    heap.#checkLive(handle);
    checkFunction(callback, 'callback');
    const core = RcGraph.handle(heap);
    if (core === null) return;
    native.rcSetNotify(core, handle, true);
    heap.#disposals.add(handle, heap.#lengthOf(handle), callback);
  }

  // ---- Collecting ------------------------------------------------------------------------------------------------

  /**
   * Frees blocks that only refer to each other.
   *
   * @param options `maxPauseMs` bounds the time: then the next call goes on where this one has stopped, whatever the program
   * did between.
   * @returns whether all that was to be collected is: false when the time was over before.
   */
  collect(options?: CollectOptions): boolean {
    RcHeap.#live(this);
    const nanoseconds = readCollectOptions(options);
    const heap = RcHeap.#live(this);
    const core = RcGraph.handle(heap);
    if (core === null) return true;
    const done = native.rcCollect(core, nanoseconds);
    RcGraph.settle(heap);
    if (collected.hasSubscribers) collected.publish({ heap, done });
    return done;
  }

  /** Whether every count is what the references say, for tests and for whoever doubts. O(blocks). */
  check(): boolean {
    const core = RcGraph.handle(RcHeap.#live(this));
    return core !== null && native.rcCheck(core);
  }

  /**
   * The cycles that live now, whether anything holds them or not; nothing is freed. O(blocks and references).
   *
   * @throws `ERR_FREEHOLD_OUT_OF_MEMORY` when there are not 28 bytes for each block.
   *
   * @example
   * ```ts
   * import { RcHeap } from 'freehold';
   * import assert from 'node:assert';
   *
   * using heap = new RcHeap();
   * const [a, b] = [heap.alloc(64, { refs: 1 }), heap.alloc(32, { refs: 1 })];
   * a.setRef(0, b);
   * b.setRef(0, a);
   * const [cycle] = heap.findCycles();
   * assert.equal(cycle.handles.length, 2);
   * assert.equal(cycle.bytes, 96);
   * ```
   */
  findCycles(): RcCycle[] {
    const heap = RcHeap.#live(this);
    if (RcGraph.word(heap, Control.LIVE) === 0) return [];
    const core = RcGraph.handle(heap);
    const words = core === null ? undefined : native.rcFindCycles(core);
    if (words === undefined) throw errors.outOfMemory(heap.label, 28 * RcGraph.word(heap, Control.LIVE));
    return readCycles(words, (handle) => heap.#lengthOf(handle));
  }

  /** The living blocks and their references in the DOT language of Graphviz; what a handle holds has a double frame. */
  toDot(): string {
    const heap = RcHeap.#live(this);
    const last = RcGraph.word(heap, Control.LIMIT_OF_NODES) - 1;
    return drawDot(heap, heap.#name, last, (handle) => heap.#lengthOf(handle));
  }

  /**
   * Gives memory in which no block lives back to the system.
   *
   * @returns the bytes given back.
   */
  trim(): number {
    const heap = RcHeap.#live(this);
    const core = RcGraph.handle(heap);
    if (core === null) return 0;
    heap.#slabs.end(core, native.rcEmptySlabs(core));
    const bytes = native.rcTrim(core);
    heap.#follow();
    return bytes;
  }

  /** Figures of this moment; all zero after dispose but for the totals. */
  stats(): RcHeapStats {
    const heap = RcHeap.#checked(this);
    const core = RcGraph.handle(heap);
    const figures = core === null ? new Array<number>(11).fill(0) : native.rcFigures(core);
    const [
      blocks,
      bytes,
      slabs,
      metadata,
      retired,
      collections,
      touched,
      collected,
      pauseNs,
      longestPauseNs,
    ] = figures as [number, number, number, number, number, number, number, number, number, number];
    const [large, largeReserved] = heap.#disposed ? [0, 0] : heap.#lone.figures();
    heap.#peak = max(heap.#peak, bytes);
    let pins = 0;
    for (const { count } of heap.#pins.values()) pins += count;
    return {
      kind: 'rc',
      name: heap.#name,
      bytesUsed: bytes,
      bytesReserved: slabs + largeReserved,
      bytesPeak: heap.#peak,
      bytesMetadata: metadata,
      bytesLimit: heap.#limit,
      bytes,
      blocks,
      large,
      edges: RcGraph.word(heap, Control.EDGES),
      candidates: RcGraph.word(heap, Control.CANDIDATES),
      threshold: RcGraph.word(heap, Control.THRESHOLD),
      collections,
      touched,
      collected,
      pauseNs,
      longestPauseNs,
      dropped: heap.#dropped,
      pins,
      retired,
      orphanings: heap.#slabs.orphanings + heap.#lone.orphanings,
    };
  }

  /**
   * Ends every block and gives all memory back; `onDispose` callbacks are called then. Further calls do nothing; any other use
   * throws `ERR_FREEHOLD_DISPOSED`.
   *
   * @throws `ERR_FREEHOLD_PINNED` when a block is pinned (nothing has changed then), and what callbacks throw.
   */
  dispose(): void {
    const heap = RcHeap.#checked(this);
    if (heap.#disposed) return;
    let pins = 0;
    for (const { count } of heap.#pins.values()) pins += count;
    if (pins > 0) throw errors.pinned(heap.label, 'dispose', pins);
    heap.#disposed = true; // First: whatever interrupts the rest, what is left is the collector's.
    rcHeaps.remove(heap.#entry);
    const core = RcGraph.handle(heap);
    if (core !== null) {
      settleCollector(core);
      heap.#slabs.endAll(core);
    }
    RcGraph.close(heap);
    heap.#lone.destroy();
    heap.#large.clear();
    heap.#disposals.allDied();
    heap.#disposals.call();
  }

  /** The same as {@link RcHeap.dispose}. */
  [Symbol.dispose](): void {
    RcHeap.#checked(this).dispose();
  }

  /** The figures, for logs. */
  toJSON(): RcHeapStats {
    return RcHeap.#checked(this).stats();
  }

  [inspect.custom](): string {
    const { name, bytesUsed, blocks, edges } = RcHeap.#checked(this).stats();
    const state = this.#disposed
      ? 'disposed'
      : `${bytesUsed} bytes in ${blocks} block(s), ${edges} reference(s)`;
    return `RcHeap(${name}) { ${state} }`;
  }

  // ---- Receivers -------------------------------------------------------------------------------------------------

  static #checked(value: RcHeap): RcHeap {
    if (typeof value === 'object' && value !== null && #large in value) return value;
    throw wrongReceiverOf('RcHeap', value);
  }

  static #live(value: RcHeap): RcHeap {
    const heap = RcHeap.#checked(value);
    if (heap.#disposed) throw disposedOf(heap.label);
    return heap;
  }

  static {
    noteDropped = (tally) => {
      const { heap, index } = tally;
      if (heap.#disposed) return;
      while (tally.handles > 0) {
        // First: a callback may throw, and then nobody comes back.
        tally.handles--;
        heap.#dropped++;
        if (RcGraph.releaseQuietly(heap, index) !== RcStatus.OK) return;
      }
    };
  }

  // ---- Allocating ------------------------------------------------------------------------------------------------

  #alloc(byteLength: number, how: number | RcAllocOptions | undefined, zeroed: boolean): Rc {
    RcHeap.#live(this);
    const size = checkSize(byteLength);
    const options = readRcAllocOptions(how);
    // Reading the options may have run anything.
    const made = RcHeap.#live(this).#make(size, options);
    if (typeof made === 'number') throw this.#refusal(made, size);
    return this.#finish(made, options, zeroed);
  }

  #finish(rc: Rc, { onDispose }: RcAllocOptions, zeroed: boolean): Rc {
    if (zeroed) this.#zero(rc, 0);
    if (onDispose !== undefined) this.onDispose(rc.handle, onDispose);
    return rc;
  }

  /** Zeroes a new block from an offset on. Fresh pages are zero: what nobody has written to is not touched. */
  #zero(rc: Rc, from: number): void {
    const lone = this.#large.get(rc.handle)?.lone;
    const end = lone === undefined ? byteLengthOf(rc) : min(byteLengthOf(rc), lone.dirty - lone.offset);
    if (from < end) fill(rc, 0, from, end);
  }

  /** Makes a block another length where it is, when that is what a new one of that length would get. */
  #resize(index: number, size: number): boolean {
    const large = this.#large.get(index);
    const core = RcGraph.handle(this);
    if (large === undefined) {
      const sizeClass = RcGraph.classOf(this, index);
      if (size > MAX_SMALL_BYTES || classOf(max(size, 1)) !== sizeClass) return false;
      RcGraph.setSlack(this, index, UNITS[sizeClass] * 16 - size);
      return true;
    }
    const { lone, byteLength } = large;
    if (core === null || !lone.fits(size)) return false;
    if (size > byteLength && native.rcCharge(core, size - byteLength) !== RcStatus.OK) return false;
    if (size < byteLength) native.rcDischarge(core, byteLength - size);
    this.#large.set(index, { lone, byteLength: size });
    return true;
  }

  /** A block, or the status that says why there is none. */
  #make(
    size: number,
    { alignment, refs, isolate }: { alignment: number; refs: number; isolate: boolean },
  ): Rc | RcStatus {
    // Rounded up to its alignment a request falls into a class whose blocks all have it, in slabs that begin at pages.
    const rounded = (max(size, 1) + alignment - 1) & -alignment;
    if (
      isolate ||
      size > MAX_SMALL_BYTES ||
      alignment > MAX_SMALL_ALIGNMENT ||
      (alignment > MIN_ALIGNMENT && (size === 0 || native.usesEngineMemory()))
    )
      return this.#makeLarge(size, alignment, refs, isolate);
    for (;;) {
      const index = this.#take(rounded, size, refs);
      if (index <= 0) return statusIn(index);
      const rc = this.#show(index, size);
      // Its slab's memory has escaped: nobody gets the block again.
      if (rc !== undefined) return rc;
    }
  }

  #allocHandleSlow(byteLength: number, refs: number): number {
    RcHeap.#live(this);
    const size = checkSize(byteLength);
    checkRefs(refs);
    if (size > MAX_SMALL_BYTES) {
      const made = this.#makeLarge(size, MIN_ALIGNMENT, refs, false);
      if (typeof made === 'number') throw this.#refusal(made, size);
      const { index } = this.#tallyOf(made);
      this.retain(index);
      made.release();
      return index;
    }
    const index = this.#take(max(size, 1), size, refs);
    if (index <= 0) throw this.#refusal(statusIn(index), size);
    return index;
  }

  /** A block of a slab, or minus a status. */
  #take(rounded: number, size: number, refs: number): number {
    const index = take(this, rounded, refs, size);
    if (index !== 0) return index;
    const made = RcGraph.make(this, rounded, refs);
    const core = RcGraph.handle(this);
    if (typeof made !== 'number' && core !== null) this.#slabs.add(core, made);
    this.#follow();
    this.#hearLater();
    const found = typeof made === 'number' ? made : made.index;
    if (found > 0) RcGraph.setSlack(this, found, UNITS[classOf(rounded)] * 16 - size);
    return found;
  }

  #makeLarge(size: number, alignment: number, refs: number, isolate: boolean): Rc | RcStatus {
    const core = RcGraph.handle(this);
    if (size > LARGEST_BLOCK || core === null) return RcStatus.NO_MEMORY;
    const index = RcGraph.makeExternal(this, refs);
    if (index <= 0) return statusIn(index);
    let status = native.rcCharge(core, size);
    this.#follow();
    // What has died has not given its memory back before it was heard of.
    this.#hearLater();
    if (status !== RcStatus.OK) status = native.rcCharge(core, size);
    const lone = status === RcStatus.OK ? this.#lone.take(size, alignment, Guard.NONE, !isolate) : null;
    if (lone === null) {
      if (status === RcStatus.OK) native.rcDischarge(core, size);
      this.release(index);
      return status === RcStatus.OK ? RcStatus.NO_MEMORY : status;
    }
    this.#large.set(index, { lone, byteLength: size });
    return this.#wrap(index, lone.buffer, lone.offset, size);
  }

  /** An `Rc` for a block that has a handle for it; undefined when its memory is gone. */
  #show(index: number, byteLength: number): Rc | undefined {
    const place = this.#placeOf(index);
    return place === undefined ? undefined : this.#wrap(index, place.buffer, place.offset, byteLength);
  }

  #wrap(index: number, buffer: ArrayBuffer, offset: number, byteLength: number): Rc {
    const tally = new RcTally(this, index);
    const rc = new Rc(tally, buffer, offset, byteLength);
    droppedOnes.register(rc, tally);
    return rc;
  }

  #placeOf(index: number): { buffer: ArrayBuffer; offset: number } | undefined {
    const slab = RcGraph.slabOf(this, index);
    const large = this.#large.get(index);
    if (large !== undefined) return this.#lone.has(large.lone) ? large.lone : undefined;
    const buffer = this.#slabs.bufferOf(slab);
    if (buffer === undefined) return undefined;
    const stride = UNITS[RcGraph.classOf(this, index)] * 16;
    return { buffer, offset: (index - this.#slabs.firstOf(slab)) * stride };
  }

  #lengthOf(index: number): number {
    return this.#large.get(index)?.byteLength ?? RcGraph.lengthOf(this, index);
  }

  // ---- Deaths ----------------------------------------------------------------------------------------------------

  /** Takes note of who has died, and calls back. */
  #hear(): void {
    this.#note();
    this.#disposals.call();
  }

  #note(): void {
    const core = RcGraph.handle(this);
    if (core === null) return;
    for (let index = native.rcNextDisposed(core); index !== 0; index = native.rcNextDisposed(core)) {
      const large = this.#large.get(index);
      if (large !== undefined) {
        this.#large.delete(index);
        native.rcDischarge(core, large.byteLength);
        this.#lone.end(large.lone);
      }
      this.#disposals.died(index);
    }
  }

  /** The same from inside of an allocation, whose block a callback's error would lose: they are called afterwards. */
  #hearQuietly(): void {
    this.#note();
    queueMicrotask(() => {
      this.#disposals.call();
    });
  }

  #hearLater(): void {
    if (RcGraph.word(this, Control.DISPOSED) > 0) this.#hearQuietly();
  }

  /** After a call that may have given slabs back. */
  #follow(): void {
    const given = RcGraph.word(this, Control.SLABS_GIVEN);
    const core = RcGraph.handle(this);
    if (given === this.#slabsGiven || core === null) return;
    this.#slabsGiven = given;
    this.#slabs.forget(native.rcGoneSlabs(core));
  }

  // ---- Finding ---------------------------------------------------------------------------------------------------

  #tallyOf(view: unknown): RcTally {
    const tally = tallyOf(view) ?? tallyOf(rcOf(view));
    if (tally?.heap !== this) throw errors.notABlock(this.label, view);
    if (tally.handles === 0) throw errors.releasedBefore(this.label);
    return tally;
  }

  /** The living block that a view lies in; 0 for none. */
  #indexAt(view: ArrayBufferView): number {
    const buffer = bufferOf(view);
    if (buffer === undefined || ownerOf(buffer) !== this) return 0;
    const lone = loneBlockOf(buffer);
    if (lone !== undefined) {
      for (const [index, large] of this.#large)
        if (large.lone === lone) return this.#lone.has(lone) ? index : 0;
      return 0;
    }
    const found = this.#slabs.find(view);
    if (found === undefined) return 0;
    const first = this.#slabs.firstOf(found.slab);
    const index = first + Math.floor(found.offset / (UNITS[RcGraph.classOf(this, first)] * 16));
    return RcGraph.isLive(this, index) ? index : 0;
  }

  #checkLive(handle: number): void {
    if (!RcGraph.isLive(this, handle)) throw this.#failure(RcStatus.NOT_LIVE, handle);
  }

  #readWeak(weak: number): [index: number, generation: number] {
    const index = typeof weak === 'number' ? weak % MAX_INDICES : 0;
    if (!Number.isSafeInteger(weak) || weak < MAX_INDICES || index < FIRST_INDEX)
      throw errors.noWeak(this.label, weak);
    return [index, Math.floor(weak / MAX_INDICES) - 1];
  }

  // ---- Failures --------------------------------------------------------------------------------------------------

  #failure(status: RcStatus, handle: number): FreeholdError {
    if (this.#disposed) return disposedOf(this.label);
    if (status === RcStatus.NO_HANDLE) return errors.noHandle(this.label, handle);
    if (status === RcStatus.OVERFLOW) return errors.overflow(this.label, handle);
    if (status === RcStatus.NO_MEMORY || status === RcStatus.LIMIT) return errors.outOfMemory(this.label, 0);
    return errors.notLive(this.label, handle);
  }

  #refFailure(status: RcStatus, from: number, slot: number, to: number): FreeholdError {
    if (this.#disposed || status === RcStatus.NO_MEMORY) return this.#failure(status, from);
    if (status === RcStatus.NO_SLOT)
      return errors.noSlot(this.label, from, slot, RcGraph.slotsOf(this, from));
    return this.#failure(status, RcGraph.isLive(this, from) ? to : from);
  }

  #refusal(status: RcStatus, size: number): FreeholdError {
    if (this.#disposed) return disposedOf(this.label);
    return status === RcStatus.LIMIT
      ? errors.limit(this.label, size, this.#limit)
      : errors.outOfMemory(this.label, size);
  }
}
