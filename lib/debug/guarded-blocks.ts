import { bufferLengthOf, withoutPrototype } from '../captured.ts';
import { FreeholdError } from '../errors.ts';
import { detach, renew } from '../exposure.ts';
import { type GuardedHandle, type TakenGuarded, native, tracksEscapes } from '../native.ts';

/** A block between inaccessible pages. */
export interface GuardedBlock {
  readonly slot: number;
  /** Over exactly the bytes of the block. */
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  readonly address: bigint;
}

/** Figures of this moment. Sizes are bytes. */
export interface GuardedFigures {
  /** Blocks that were neither ended nor, since they were abandoned, collected. */
  readonly live: number;
  /** Ended blocks whose addresses are still inaccessible, and known to a report. */
  readonly quarantined: number;
  /** Blocks that could not be had. */
  readonly refused: number;
  /** Memory that can be touched. */
  readonly bytesMapped: number;
  /** Addresses, that memory included. */
  readonly bytesReserved: number;
}

export interface GuardedBlocksOptions {
  /** For so many blocks of up to a page each, reserved at once; for any number and size when left out. */
  slots?: number;
  /** How many bytes of ended blocks stay inaccessible, in whole pages. With `slots` as many as have no other use. */
  quarantineBytes: number;
}

/** Where nothing in the program stands for what frees a block. */
const NO_SITE = 0xffff_ffff;

/**
 * Blocks that the hardware watches, for debug mode: native code that touches memory around a block, or a block that was
 * ended, ends the process with a report. The facade of `native/core/guarded_heap.h`; it validates nothing. What it hands out
 * names no owner yet.
 */
export class GuardedBlocks {
  readonly #handle: GuardedHandle;
  // By slot. A block keeps its allocator alive, and must not be kept alive in its turn: else no allocator is ever dropped.
  readonly #blocks = withoutPrototype<WeakRef<GuardedBlock> | null>([]);
  readonly #lost = new FinalizationRegistry<number>((slot) => {
    this.#blocks[slot] = null;
    if (!this.#destroyed) native.guardedAbandon(this.#handle, slot);
  });
  #destroyed = false;

  constructor({ slots = 0, quarantineBytes }: GuardedBlocksOptions) {
    const handle = native.createGuarded(slots, quarantineBytes);
    if (handle === undefined) {
      throw new FreeholdError(
        'ERR_FREEHOLD_OUT_OF_MEMORY',
        'no memory for a table of guarded blocks; free memory elsewhere',
      );
    }
    this.#handle = handle;
  }

  /** Whether all slots are taken; never without `slots`. */
  get full(): boolean {
    return !this.#destroyed && native.guardedFull(this.#handle);
  }

  /**
   * Zeroed memory at a multiple of `alignment`, as far at the end of its page (`rear`) as that allows, or at its beginning.
   * The report names `site` (see {@link GuardedBlocks.nameSite}) and `label`. Null, and counted, when there is none to be had:
   * no slot, memory or mapping, or an engine that takes no memory from outside.
   */
  take(
    byteLength: number,
    alignment: number,
    rear: boolean,
    site: number,
    label: string,
  ): GuardedBlock | null {
    if (this.#destroyed) return null;
    const taken = native.guardedTake(this.#handle, byteLength, alignment, rear, site, label);
    return taken === undefined ? null : this.#show(taken);
  }

  /**
   * Ends a block: its views have length 0, its memory is the system's, and its addresses are inaccessible until its slot is
   * used again. The distance from its beginning of the first byte around it that something has written: negative before
   * it, at least its length behind it; null for none. What the program has moved away is abandoned, and what is no live
   * block of these is left alone.
   */
  end(block: GuardedBlock, site: number): number | null {
    if (!this.#holds(block)) return null;
    if (!detach(block.buffer)) {
      this.abandon(block);
      return null;
    }
    this.#forget(block);
    return native.guardedEnd(this.#handle, block.slot, site) ?? null;
  }

  /** Leaves a block's memory, guards and all, to the collector. */
  abandon(block: GuardedBlock): void {
    if (!this.#holds(block)) return;
    this.#forget(block);
    native.guardedAbandon(this.#handle, block.slot);
  }

  /** What a report shows for a site: a stack, formatted. The first text stays. */
  nameSite(site: number, text: string): void {
    if (!this.#destroyed) native.guardedNameSite(this.#handle, site, text);
  }

  /** Figures of this moment; all zero after destroy. */
  figures(): GuardedFigures {
    const found = this.#destroyed ? [] : native.guardedFigures(this.#handle);
    const [live = 0, quarantined = 0, refused = 0, bytesMapped = 0, bytesReserved = 0] = found;
    return { live, quarantined, refused, bytesMapped, bytesReserved };
  }

  /** Ends all blocks. Their addresses are anybody's from now on. */
  destroy(): void {
    if (this.#destroyed) return;
    for (let slot = 0; slot < this.#blocks.length; slot++) {
      const block = this.#blocks[slot]?.deref();
      if (block !== undefined) this.end(block, NO_SITE);
    }
    this.#destroyed = true;
    native.destroyGuarded(this.#handle);
  }

  #show({ slot, address, buffer: wrapped }: TakenGuarded): GuardedBlock {
    const buffer = renew(wrapped) ?? wrapped;
    if (tracksEscapes) native.guardedTrack(this.#handle, slot, buffer);
    const block = { slot, buffer, byteLength: bufferLengthOf(buffer), address };
    // A table without holes: the core takes slots in order.
    while (this.#blocks.length <= slot) this.#blocks[this.#blocks.length] = null;
    this.#blocks[slot] = new WeakRef(block);
    this.#lost.register(block, slot, block);
    return block;
  }

  #holds(block: GuardedBlock): boolean {
    return this.#blocks[block.slot]?.deref() === block;
  }

  #forget(block: GuardedBlock): void {
    this.#blocks[block.slot] = null;
    this.#lost.unregister(block);
  }
}
