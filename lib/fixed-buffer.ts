import { constants } from 'node:buffer';
import { inspect, types } from 'node:util';

import type { AllocatorStats } from './allocator.ts';
import { BlockAllocator } from './block-allocator.ts';
import { Block } from './block.ts';
import {
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  canResize,
  extentOf,
  fill,
  isAttached,
  max,
  memoryLengthOf,
  min,
  setBytes,
} from './captured.ts';
import * as errors from './fixed-buffer-errors.ts';
import { biasOf, nameViewOwner, viewOwnerOf } from './exposure.ts';
import { Pin, PinCount } from './pin.ts';
import {
  checkAlignment,
  checkName,
  checkSize,
  readOptions,
  disposedOf,
  wrongReceiverOf,
} from './validate.ts';

/** The alignment of blocks when none is asked for, in bytes. */
const DEFAULT_ALIGNMENT = 16;
/** How far the fast path goes, in bytes: offsets are small integers up to here. */
const FAST_BYTES = 2 ** 30;
const NOTHING = new Uint8Array(0);

/** How a fixed buffer works. */
export interface FixedBufferOptions {
  /** A name for messages and figures. Default: `'fixed'`. */
  name?: string;
}

/** What a fixed buffer says of itself. Sizes are bytes. */
export interface FixedBufferStats extends AllocatorStats {
  readonly kind: 'fixed';
  /** Pins that hold the memory now. */
  readonly pins: number;
}

/**
 * Blocks cut from memory that the program brings: an ArrayBuffer, a SharedArrayBuffer, or the bytes of one view and none
 * around them, such as a Buffer out of Node's pool or a {@link Block} of another allocator. A block costs an addition, a
 * comparison and its view.
 *
 * The memory stays the program's: nothing is detached, and blocks are views like any other that show whatever is written
 * there. It is looked at anew on every call. Memory that was detached, or shrunk beneath the blocks, is
 * `ERR_FREEHOLD_USE_AFTER_FREE`; a resizable buffer that grew has more room, when the fixed buffer was made over all of it,
 * or over a view that follows its length.
 *
 * Only the block that was allocated last gives its bytes back when it is freed, and only it grows in place. After
 * `reset()` blocks from before must not be used any more: their bytes are handed out again under them.
 *
 * @example
 * ```ts
 * import { FixedBuffer } from 'freehold';
 * import assert from 'node:assert';
 *
 * const scratch = new FixedBuffer(Buffer.alloc(4096));
 * const header = scratch.alloc(16);
 * const body = scratch.string('hello');
 * assert.equal(body.address - header.address, 16n);
 * assert.equal(scratch.tryAlloc(5000), null);
 * scratch.reset();
 * ```
 */
export class FixedBuffer extends BlockAllocator {
  readonly #name: string;
  readonly #memory: ArrayBufferLike;
  // What says how far the memory reaches now: a view that follows its length where there is one.
  readonly #extent: ArrayBufferView;
  // The first byte that is ours, as an offset in the buffer like all that follow.
  readonly #base: number;
  // The address of the buffer's first byte, as far as alignments care.
  readonly #bias: number;
  // All from the buffer's first byte to our last: its length says whether the memory is there and how far it goes. Empty
  // where the slow path has to look: memory that can be resized, or whose address is odd.
  #fast: Uint8Array = NOTHING;
  #cursor: number;
  #peak = 0;
  #pins = new PinCount();
  #disposed = false;

  /**
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no memory, and for options that make no sense;
   * `ERR_FREEHOLD_USE_AFTER_FREE` for memory that is gone.
   */
  constructor(memory: ArrayBufferLike | ArrayBufferView, options?: FixedBufferOptions) {
    super();
    const { name = 'fixed' } = readOptions(options, ['name'], 'FixedBuffer');
    this.#name = checkName(name);
    const buffer = types.isAnyArrayBuffer(memory) ? memory : bufferOf(memory);
    if (buffer === undefined) throw errors.noMemory(memory);
    this.#memory = buffer;
    const extent = extentOfMemory(memory, buffer, this.#name);
    const { byteOffset, byteLength } = extentOf(extent);
    this.#extent = extent;
    this.#base = this.#cursor = byteOffset;
    this.#bias = biasOf(buffer);
    if (this.#bias % DEFAULT_ALIGNMENT === 0 && !canResize(buffer))
      this.#fast = new Uint8Array(buffer, 0, min(byteOffset + byteLength, FAST_BYTES));
  }

  /** The name given to the fixed buffer. */
  get name(): string {
    return FixedBuffer.#checked(this).#name;
  }

  /** Whether the fixed buffer was disposed. */
  get disposed(): boolean {
    return FixedBuffer.#checked(this).#disposed;
  }

  /**
   * A block of `byteLength` zeroed bytes (0 to 2^53-1) at an address that is a multiple of `alignment` (a power of two up
   * to 2 MiB). Valid until `reset()`, and as long as the memory.
   *
   * @throws `ERR_FREEHOLD_OUT_OF_MEMORY` when the memory is full, `ERR_FREEHOLD_USE_AFTER_FREE` when it is gone,
   * `ERR_FREEHOLD_INVALID_SIZE`, `ERR_FREEHOLD_INVALID_ALIGNMENT`, `ERR_FREEHOLD_DISPOSED`.
   */
  alloc(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): Block {
    if (typeof this !== 'object' || this === null || !(#cursor in this)) throw wrongReceiver(this);
    const cursor = this.#cursor;
    const start = (cursor + 15) & -16;
    if (
      alignment === DEFAULT_ALIGNMENT &&
      typeof byteLength === 'number' &&
      (byteLength | 0) === byteLength &&
      byteLength > 0
    ) {
      const end = start + byteLength;
      // A start below the cursor is one that did not fit into 32 bits.
      if (end <= this.#fast.length && start >= cursor) {
        fill(this.#fast, 0, start, end);
        const block = new Block(this.#memory as ArrayBuffer, start, byteLength);
        nameViewOwner(block, this);
        this.#cursor = end;
        return block;
      }
    }
    return this.#allocSlow(byteLength, alignment, true);
  }

  /** Like {@link FixedBuffer.alloc} without zeroing: the bytes are whatever the program left there. */
  allocUnsafe(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): Block {
    if (typeof this !== 'object' || this === null || !(#cursor in this)) throw wrongReceiver(this);
    const cursor = this.#cursor;
    const start = (cursor + 15) & -16;
    if (
      alignment === DEFAULT_ALIGNMENT &&
      typeof byteLength === 'number' &&
      (byteLength | 0) === byteLength &&
      byteLength > 0
    ) {
      const end = start + byteLength;
      if (end <= this.#fast.length && start >= cursor) {
        const block = new Block(this.#memory as ArrayBuffer, start, byteLength);
        nameViewOwner(block, this);
        this.#cursor = end;
        return block;
      }
    }
    return this.#allocSlow(byteLength, alignment, false);
  }

  /**
   * Like {@link FixedBuffer.alloc}, but null when the memory is full.
   *
   * @throws for arguments that are wrong, for memory that is gone, and `ERR_FREEHOLD_DISPOSED`.
   */
  tryAlloc(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): Block | null {
    FixedBuffer.#live(this);
    return this.#take(checkSize(byteLength), checkAlignment(alignment), true);
  }

  /**
   * A block of `byteLength` bytes that begins with the bytes of `block`; what is added is zeroed. The last block grows in
   * place, and every block shrinks in place. `block` must not be used any more.
   *
   * @throws as {@link FixedBuffer.alloc} (then `block` is as it was), and as {@link FixedBuffer.free}.
   */
  realloc(block: Block, byteLength: number): Block {
    FixedBuffer.#live(this);
    const size = checkSize(byteLength);
    const offset = this.#find(block);
    const oldSize = byteLengthOf(block);
    const last = this.#isLast(offset, oldSize);
    if (size <= oldSize || (last && offset + size <= this.#limit())) {
      const same = this.#blockAt(offset, size);
      if (size > oldSize) fill(same, 0, oldSize, size);
      if (last && (size > oldSize || this.#pins.count === 0)) this.#moveTo(offset + size);
      return same;
    }
    const moved = this.#take(size, DEFAULT_ALIGNMENT, true);
    if (moved === null) throw this.#full(size);
    setBytes(moved, new Uint8Array(this.#memory, offset, oldSize));
    return moved;
  }

  /**
   * Gives the bytes of the last block back, unless memory is pinned; those of any other block, and of typed arrays, stay
   * taken until `reset()`.
   *
   * @throws `ERR_FREEHOLD_INVALID_FREE` for what is no block of this fixed buffer, `ERR_FREEHOLD_DOUBLE_FREE` for one whose
   * bytes were given back before, `ERR_FREEHOLD_USE_AFTER_FREE` when the memory is gone.
   */
  free(block: ArrayBufferView): void {
    FixedBuffer.#live(this);
    if (this.#isArray(block)) return; // Nothing tells it from a view of a part of a block.
    const offset = this.#find(block);
    if (this.#pins.count === 0 && this.#isLast(offset, byteLengthOf(block))) this.#moveTo(offset);
  }

  /**
   * Begins anew: all of the memory can be handed out again, also when it was shrunk. Blocks from before must not be used
   * any more.
   *
   * @throws `ERR_FREEHOLD_PINNED` when memory is pinned (nothing has changed then), `ERR_FREEHOLD_DISPOSED`.
   */
  reset(): void {
    FixedBuffer.#live(this);
    this.#checkUnpinned('reset');
    this.#moveTo(this.#base);
  }

  /** Holds the memory until the pin, which the caller owns, is released: `reset` and dispose are refused, `free` keeps the bytes. */
  pin(): Pin {
    FixedBuffer.#live(this);
    return new Pin(this.#pins);
  }

  /** Whether a view lies in what this fixed buffer has handed out. */
  owns(view: ArrayBufferView): boolean {
    FixedBuffer.#checked(this);
    return !this.#disposed && bufferOf(view) === this.#memory && this.#holds(view);
  }

  /** Figures of this moment. `bytesReserved` is the memory that there is now: 0 when it is gone, and after dispose. */
  stats(): FixedBufferStats {
    FixedBuffer.#checked(this);
    const used = this.#disposed ? 0 : this.#cursor - this.#base;
    const limit = this.#disposed ? -1 : this.#limitOrGone();
    return {
      kind: 'fixed',
      name: this.#name,
      bytesUsed: used,
      bytesReserved: max(limit - this.#base, 0),
      bytesPeak: max(this.#peak, used),
      pins: this.#pins.count,
    };
  }

  /**
   * Lets go of the memory, which stays as it is: its blocks are views like any other from now on. Further calls do nothing;
   * any other use throws `ERR_FREEHOLD_DISPOSED`.
   *
   * @throws `ERR_FREEHOLD_PINNED` when memory is pinned; nothing has changed then.
   */
  dispose(): void {
    FixedBuffer.#checked(this);
    if (this.#disposed) return;
    this.#checkUnpinned('dispose');
    this.#moveTo(this.#base);
    this.#fast = NOTHING;
    this.#disposed = true;
  }

  /** The same as {@link FixedBuffer.dispose}. */
  [Symbol.dispose](): void {
    FixedBuffer.#checked(this).dispose();
  }

  /** The figures, for logs. */
  toJSON(): FixedBufferStats {
    return FixedBuffer.#checked(this).stats();
  }

  [inspect.custom](): string {
    const { name, bytesUsed, bytesReserved } = FixedBuffer.#checked(this).stats();
    return `FixedBuffer(${name}) { ${this.#disposed ? 'disposed' : `${bytesUsed} of ${bytesReserved} bytes`} }`;
  }

  static #checked(value: FixedBuffer): FixedBuffer {
    if (typeof value === 'object' && value !== null && #cursor in value) return value;
    throw wrongReceiver(value);
  }

  static #live(value: FixedBuffer): void {
    if (FixedBuffer.#checked(value).#disposed) throw disposedOf(`fixed buffer "${value.#name}"`);
  }

  // ---- Allocation ------------------------------------------------------------------------------------------------

  #allocSlow(byteLength: number, alignment: number, zero: boolean): Block {
    FixedBuffer.#live(this);
    const size = checkSize(byteLength);
    const block = this.#take(size, checkAlignment(alignment), zero);
    if (block === null) throw this.#full(size);
    return block;
  }

  /** A block behind the cursor; null when there is no room. Offsets may be beyond 32 bits. */
  #take(size: number, alignment: number, zero: boolean): Block | null {
    const limit = this.#limit();
    if (limit < this.#cursor) throw errors.shrunk(this.#name, limit - this.#base, this.#cursor - this.#base);
    const behind = (this.#cursor + this.#bias) % alignment;
    const start = this.#cursor + (behind === 0 ? 0 : alignment - behind);
    if (start + size > limit) return null;
    const block = this.#blockAt(start, size);
    if (zero) fill(block, 0);
    this.#cursor = start + size;
    return block;
  }

  #blockAt(offset: number, size: number): Block {
    const block = new Block(this.#memory as ArrayBuffer, offset, size);
    nameViewOwner(block, this);
    return block;
  }

  #full(size: number): Error {
    return errors.full(this.#name, size, this.#limit() - this.#cursor);
  }

  // ---- The memory ------------------------------------------------------------------------------------------------

  /** The offset behind the last byte that is ours now. */
  #limit(): number {
    const limit = this.#limitOrGone();
    if (limit < 0) throw errors.memoryGone(this.#name);
    return limit;
  }

  #limitOrGone(): number {
    return isAttached(this.#extent) ? this.#base + extentOf(this.#extent).byteLength : -1;
  }

  // ---- Blocks that come back ---------------------------------------------------------------------------------------

  /** The offset of a block of ours. */
  #find(block: ArrayBufferView): number {
    const named = bufferOf(block) === this.#memory && block instanceof Block ? viewOwnerOf(block) : undefined;
    // Another fixed buffer's, over a part of the same memory; a wrapper's is ours if it lies in what we have handed out.
    if (named === undefined || (named !== this && named instanceof FixedBuffer))
      throw errors.notABlock(this.#name, block);
    this.#limit();
    if (!isAttached(block)) throw errors.memoryGone(this.#name);
    if (this.#holds(block)) return byteOffsetOf(block);
    throw errors.freedBefore(this.#name, byteLengthOf(block));
  }

  /** Whether a view is what `array` may have made. */
  #isArray(view: ArrayBufferView): boolean {
    return (
      !(view instanceof Buffer) &&
      types.isTypedArray(view) &&
      bufferOf(view) === this.#memory &&
      this.#holds(view)
    );
  }

  /** Whether a view of the buffer shows nothing but what was handed out. */
  #holds(view: ArrayBufferView): boolean {
    if (!isAttached(view)) return false;
    const { byteOffset, byteLength } = extentOf(view);
    // One of no length has nothing to give back twice, and may stand behind a block that was.
    return (
      byteOffset >= this.#base &&
      (byteOffset + byteLength <= this.#cursor || (byteLength === 0 && view instanceof Block))
    );
  }

  #isLast(offset: number, size: number): boolean {
    return size > 0 && offset + size === this.#cursor;
  }

  #moveTo(cursor: number): void {
    this.#peak = max(this.#peak, this.#cursor - this.#base);
    this.#cursor = cursor;
  }

  #checkUnpinned(action: string): void {
    if (this.#pins.count > 0) throw errors.pinned(this.#name, action, this.#pins.count);
  }
}

function wrongReceiver(value: unknown): Error {
  return wrongReceiverOf('FixedBuffer', value);
}

/** A view of the memory whose length is what there is of it, always. */
function extentOfMemory(
  memory: ArrayBufferLike | ArrayBufferView,
  buffer: ArrayBufferLike,
  name: string,
): ArrayBufferView {
  if (memoryLengthOf(buffer) > constants.MAX_LENGTH && memory === buffer) throw errors.tooLarge();
  try {
    if (memory === buffer) return new Uint8Array(buffer);
    const view = memory as ArrayBufferView;
    if (isAttached(view)) {
      // Nothing says whether a view follows the length of its buffer; it does so itself.
      if (canResize(buffer)) return view;
      const { byteOffset, byteLength } = extentOf(view);
      return new Uint8Array(buffer, byteOffset, byteLength);
    }
  } catch {
    // Detached, and so no view can be made.
  }
  throw errors.memoryGone(name);
}
