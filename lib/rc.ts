import { Block } from './block.ts';
import { FreeholdError } from './errors.ts';
import { Stamped, viewOwnerOf } from './exposure.ts';
import type { RcHeap } from './rc-heap.ts';
import * as errors from './rc-errors.ts';
import { describe, wrongReceiverOf } from './validate.ts';
import { Weak } from './weak.ts';

/** How many handles of a block one `Rc` has. Apart from it, so that it can be read when the `Rc` is gone. */
export class RcTally {
  handles = 1;

  constructor(
    readonly heap: RcHeap,
    readonly index: number,
  ) {}
}

/** What is known of an `Rc`; undefined for what is none. */
export let tallyOf: (value: unknown) => RcTally | undefined;
/** Whether a value is an `Rc`. */
export let isRc: (value: unknown) => value is Rc;

/**
 * A block that lives as long as somebody refers to it: as a handle, which each `Rc` has one of to begin with, or as a
 * reference from another block (`setRef`). With the last of them it is freed at once, and what only it referred to with it;
 * blocks that only refer to each other are found by collections. The block is a `Buffer`.
 *
 * Releasing is the owner's: by `release()`, `using` or `free()`. A dropped `Rc` is released when JavaScript's own collector has
 * noticed. Whoever keeps views of the block (`rc.buffer`) has to keep the `Rc`; `subarray()` does so itself.
 *
 * @example
 * ```ts
 * import { RcHeap } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new RcHeap();
 * const parent = heap.alloc(16, { refs: 1 });
 * {
 *   using child = heap.alloc(100);
 *   parent.setRef(0, child);
 * } // the parent still refers to it
 * assert.equal(heap.stats().blocks, 2);
 * parent.release();
 * assert.equal(heap.stats().blocks, 0);
 * ```
 */
export class Rc extends Block {
  readonly #tally: RcTally;

  /** @internal */
  constructor(tally: RcTally, buffer: ArrayBuffer, byteOffset: number, byteLength: number) {
    super(buffer, byteOffset, byteLength);
    if (!(tally instanceof RcTally)) {
      throw new FreeholdError(
        'ERR_FREEHOLD_INVALID_ARGUMENT',
        `an Rc is made by RcHeap.alloc(), not with new, and not of ${describe(tally)}`,
      );
    }
    this.#tally = tally;
  }

  /** The handle of the block, for the heap's own methods. Valid as long as the block lives. */
  get handle(): number {
    return Rc.#held(this).index;
  }

  /** How many hold the block: handles, of this `Rc` and of others, and references from other blocks. */
  get refCount(): number {
    const { heap, index } = Rc.#held(this);
    return heap.refCount(index);
  }

  /** How many references to other blocks it has room for. */
  get refSlots(): number {
    const { heap, index } = Rc.#held(this);
    return heap.refSlots(index);
  }

  /**
   * One more handle, which this `Rc` has: as many times must it be released.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` when it was released, `ERR_FREEHOLD_LIMIT` for more than 2^31-1.
   */
  retain(): this {
    const tally = Rc.#held(this);
    tally.heap.retain(tally.index);
    tally.handles++;
    return this;
  }

  /**
   * Gives one handle up. With the last one the `Rc` must not be used any more; the block may live on by others.
   *
   * @throws `ERR_FREEHOLD_DOUBLE_FREE` when no handle is left.
   */
  release(): void {
    const tally = Rc.#checked(this);
    if (tally.handles === 0) throw errors.releasedBefore(tally.heap.label);
    // A wrapper that keeps records of its blocks hears of the last one.
    const owner = tally.handles === 1 ? viewOwnerOf(this) : undefined;
    if (owner !== undefined) {
      owner.free(this);
      return;
    }
    // First: what dies may call back.
    tally.handles--;
    tally.heap.release(tally.index);
  }

  /**
   * Makes a reference of this block lead to another one of the same heap, or to none with null. The block keeps what it
   * refers to alive.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when the block has no such reference.
   */
  setRef(slot: number, to: Rc | null): void {
    const { heap, index } = Rc.#held(this);
    heap.setRef(index, slot, to === null ? 0 : Rc.#heldOf(to, heap).index);
  }

  /**
   * The same, and the reference takes the place of one handle of `to`, as if that was released then. Cheaper, and no candidate
   * for collections comes of it.
   */
  moveRef(slot: number, to: Rc): void {
    const { heap, index } = Rc.#held(this);
    const moved = Rc.#heldOf(to, heap);
    heap.moveRef(index, slot, moved.index);
    moved.handles--;
  }

  /** What a reference leads to, as an `Rc` that the caller owns; null for nothing. */
  getRef(slot: number): Rc | null {
    const { heap, index } = Rc.#held(this);
    const to = heap.getRef(index, slot);
    return to === 0 ? null : heap.adopt(to);
  }

  /** Makes room for `refs` references; those that are there stay. */
  reserveRefs(refs: number): void {
    const { heap, index } = Rc.#held(this);
    heap.reserveRefs(index, refs);
  }

  /** A reference that does not keep the block alive. */
  weak(): Weak {
    const { heap, index } = Rc.#held(this);
    return new Weak(heap, heap.weakHandle(index));
  }

  /** A view of a part of the block, which keeps this `Rc`. */
  override subarray(begin?: number, end?: number): Buffer<ArrayBuffer> {
    const part = super.subarray(begin, end);
    new Keeper(part, this, false);
    return part;
  }

  /** Releases one handle; does nothing when none is left, or the heap was disposed. */
  override [Symbol.dispose](): void {
    const tally = Rc.#checked(this);
    if (tally.handles > 0 && !tally.heap.disposed) this.release();
  }

  static #checked(value: Rc): RcTally {
    if (typeof value === 'object' && value !== null && #tally in value) return value.#tally;
    throw wrongReceiverOf('Rc', value);
  }

  static #held(value: Rc): RcTally {
    const tally = Rc.#checked(value);
    if (tally.handles === 0) throw errors.released(tally.heap.label);
    return tally;
  }

  static #heldOf(value: Rc, heap: RcHeap): RcTally {
    const tally = tallyOf(value);
    if (tally?.heap !== heap) throw errors.notAnRc(heap.label, value);
    return Rc.#held(value);
  }

  static {
    isRc = (value) => typeof value === 'object' && value !== null && #tally in value;
    tallyOf = (value) =>
      typeof value === 'object' && value !== null && #tally in value ? value.#tally : undefined;
  }
}

/** A view that keeps the `Rc` whose memory it shows, and stands for it if it is all of it. */
class Keeper extends Stamped<ArrayBufferView> {
  readonly #rc: Rc;
  readonly #whole: boolean;

  constructor(view: ArrayBufferView, rc: Rc, whole: boolean) {
    super(view);
    this.#rc = rc;
    this.#whole = whole;
  }

  static of(view: object): Rc | undefined {
    return #rc in view && view.#whole ? view.#rc : undefined;
  }
}

/** Makes a view keep an `Rc`, which it stands for from now on. */
export function standFor(view: ArrayBufferView, rc: Rc): void {
  new Keeper(view, rc, true);
}

/** The `Rc` that a view stands for. */
export function rcOf(view: unknown): Rc | undefined {
  return typeof view === 'object' && view !== null ? Keeper.of(view) : undefined;
}
