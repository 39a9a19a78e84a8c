import type { Allocator } from './allocator.ts';
import { bufferLengthOf, withoutPrototype } from './captured.ts';
import { Stamped, biasOf, detach, renew, setOwner } from './exposure.ts';
import { type BlocksHandle, type Guard, native, tracksEscapes } from './native.ts';
import { PinCount } from './pin.ts';

/** Where a block is in no table. */
const NO_INDEX = -1;

/** What became of a block. */
export const enum BlockState {
  LIVE,
  FREED,
  /** The program moved its memory to elsewhere: the collector has it. */
  MOVED,
}

/** Memory that a lone block has instead of pages of its own. Sizes are bytes. */
export interface Lent {
  readonly buffer: ArrayBuffer;
  readonly offset: number;
}

/** Who lends such memory: debug mode. */
export interface Lender {
  /** Zeroed memory for a block; null when there is none, undefined when the block is to have pages of its own. */
  lend(allocator: Allocator, size: number, alignment: number, guard: Guard): Lent | null | undefined;
  /** Ends what was lent. False when it was left to the collector. */
  takeBack(lent: Lent): boolean;
}

let lender: Lender | null = null;

/** Who lends memory to lone blocks from now on. */
export function setLender(next: Lender): void {
  lender = next;
}

/** One block with an ArrayBuffer of its own, and where it is in it. Sizes are bytes. */
export class LoneBlock {
  state = BlockState.LIVE;
  readonly pins = new PinCount();

  constructor(
    readonly index: number,
    readonly buffer: ArrayBuffer,
    readonly offset: number,
    /** How large the block could be. */
    readonly usable: number,
    readonly alignment: number,
    /** How many bytes at its front may not be zero. */
    readonly dirty: number,
    /** Where its memory is from; null for pages of its own. */
    readonly lent: Lent | null = null,
  ) {}

  /** Whether a block of another size would best stay where it is: then at least half of the memory is in use. */
  fits(size: number): boolean {
    return this.lent === null && size <= this.usable && size > this.usable >>> 1;
  }
}

/** Names the block of a buffer: from any view of it one read leads here, also when it was detached. */
class Named extends Stamped<ArrayBuffer> {
  #block: LoneBlock;

  constructor(buffer: ArrayBuffer, block: LoneBlock) {
    super(buffer);
    this.#block = block;
  }

  static of(buffer: object): LoneBlock | undefined {
    return #block in buffer ? buffer.#block : undefined;
  }
}

/** The block that a buffer was made for. */
export function loneBlockOf(buffer: ArrayBufferLike): LoneBlock | undefined {
  return Named.of(buffer);
}

/**
 * Blocks that stand alone: each on its own pages, in its own ArrayBuffer, and ended without ending others. The facade of
 * `native/binding/exposed_blocks`.
 */
export class LoneBlocks {
  readonly #allocator: Allocator;
  readonly #handle: BlocksHandle;
  // By index: the table's slots, and which of them are free.
  readonly #blocks = withoutPrototype<LoneBlock | null>([]);
  readonly #free = withoutPrototype<number>([]);
  // Those whose memory was lent.
  readonly #lent = new Set<LoneBlock>();

  /** Bytes of the live blocks. */
  bytes = 0;
  /** Times that memory was left to the collector. */
  orphanings = 0;

  constructor(allocator: Allocator, handle: BlocksHandle) {
    this.#allocator = allocator;
    this.#handle = handle;
  }

  /** [live blocks, bytes of memory behind them] */
  figures(): [number, number] {
    const [blocks, bytes] = native.blockFigures(this.#handle) as [number, number];
    let lentBytes = 0;
    for (const block of this.#lent) lentBytes += block.usable;
    return [blocks + this.#lent.size, bytes + lentBytes];
  }

  /**
   * A new block with at least `size` usable bytes at a multiple of `alignment`; null when there is no memory. All zero,
   * unless `cached`: then the pages may be such as were given back before, which is faster.
   */
  take(size: number, alignment: number, guard: Guard, cached = false): LoneBlock | null {
    const lent = lender?.lend(this.#allocator, size, alignment, guard);
    return lent === undefined
      ? this.#takePages(size, alignment, guard, cached)
      : lent && this.#enter(new LoneBlock(NO_INDEX, lent.buffer, lent.offset, size, alignment, 0, lent));
  }

  #takePages(size: number, alignment: number, guard: Guard, cached: boolean): LoneBlock | null {
    const reused = this.#free.length > 0;
    const index = reused ? this.#free[this.#free.length - 1] : this.#blocks.length;
    const wrapped = native.takeBlock(this.#handle, index, size, alignment, guard, cached);
    if (typeof wrapped === 'number') return null;
    const buffer = renew(wrapped) ?? wrapped;
    if (tracksEscapes) native.trackBlock(this.#handle, index, buffer);
    // Where the engine's own memory serves, it is aligned to 16 bytes and has room for more.
    const offset = alignment <= 16 ? 0 : -biasOf(buffer) & (alignment - 1);
    const dirty = cached ? native.blockDirty(this.#handle, index) : 0;
    const block = new LoneBlock(index, buffer, offset, bufferLengthOf(buffer) - offset, alignment, dirty);
    this.#enter(block);
    // Whatever interrupted us before this left the slot to the next take, which gives it back.
    this.#blocks[index] = block;
    if (reused) this.#free.length--;
    return block;
  }

  #enter(block: LoneBlock): LoneBlock {
    new Named(block.buffer, block);
    setOwner(block.buffer, this.#allocator);
    if (block.lent !== null) this.#lent.add(block);
    this.bytes += block.usable;
    return block;
  }

  /** Ends a live block: its views have length 0, and its memory is the system's. */
  end(block: LoneBlock): void {
    if (block.lent !== null) {
      if (lender?.takeBack(block.lent) === true) this.#give(block, BlockState.FREED);
      else this.abandon(block);
    } else if (detach(block.buffer)) {
      native.retireBlock(this.#handle, block.index);
      this.#give(block, BlockState.FREED);
    } else {
      this.abandon(block);
    }
  }

  /** Leaves a live block's memory to the collector: its views cannot be ended, or are over it no more. */
  abandon(block: LoneBlock): void {
    if (block.lent !== null) lender?.takeBack(block.lent);
    this.orphanings++;
    this.#give(block, BlockState.MOVED);
  }

  /** Whether a live block is where it was; one whose memory the program moved away is let go of. */
  has(block: LoneBlock): boolean {
    if (block.state !== BlockState.LIVE) return false;
    if (bufferLengthOf(block.buffer) > 0) return true;
    this.abandon(block);
    return false;
  }

  /** How many pins hold live blocks. */
  pins(): number {
    let pins = 0;
    for (let index = 0; index < this.#blocks.length; index++) pins += this.#blocks[index]?.pins.count ?? 0;
    for (const block of this.#lent) pins += block.pins.count;
    return pins;
  }

  /** Ends all blocks, and the table. */
  destroy(): void {
    for (let index = 0; index < this.#blocks.length; index++) {
      const block = this.#blocks[index];
      if (block !== null) this.end(block);
    }
    for (const block of this.#lent) this.end(block);
    native.destroyBlocks(this.#handle);
  }

  #give(block: LoneBlock, state: BlockState): void {
    block.state = state;
    this.bytes -= block.usable;
    if (block.lent !== null) {
      this.#lent.delete(block);
      return;
    }
    this.#blocks[block.index] = null;
    native.giveBlock(this.#handle, block.index);
    this.#free[this.#free.length] = block.index;
  }
}
