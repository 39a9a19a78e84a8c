import type { Allocator } from './allocator.ts';
import { bufferLengthOf, withoutPrototype } from './captured.ts';
import { Stamped, biasOf, detach, renew, setOwner } from './exposure.ts';
import { type BlocksHandle, type Guard, native, tracksEscapes } from './native.ts';
import { PinCount } from './pin.ts';

/** What became of a block. */
export const enum BlockState {
  LIVE,
  FREED,
  /** The program moved its memory to elsewhere: the collector has it. */
  MOVED,
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
  ) {}
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
    return native.blockFigures(this.#handle) as [number, number];
  }

  /**
   * A new block with at least `size` usable bytes at a multiple of `alignment`; null when there is no memory. All zero,
   * unless `cached`: then the pages may be such as were given back before, which is faster.
   */
  take(size: number, alignment: number, guard: Guard, cached = false): LoneBlock | null {
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
    new Named(buffer, block);
    setOwner(buffer, this.#allocator);
    // Whatever interrupted us before this left the slot to the next take, which gives it back.
    this.#blocks[index] = block;
    if (reused) this.#free.length--;
    this.bytes += block.usable;
    return block;
  }

  /** Ends a live block: its views have length 0, and its memory is the system's. */
  end(block: LoneBlock): void {
    if (detach(block.buffer)) {
      native.retireBlock(this.#handle, block.index);
      this.#give(block, BlockState.FREED);
    } else {
      this.abandon(block);
    }
  }

  /** Leaves a live block's memory to the collector: its views cannot be ended, or are over it no more. */
  abandon(block: LoneBlock): void {
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
    return pins;
  }

  /** Ends all blocks, and the table. */
  destroy(): void {
    for (let index = 0; index < this.#blocks.length; index++) {
      const block = this.#blocks[index];
      if (block !== null) this.end(block);
    }
    native.destroyBlocks(this.#handle);
  }

  #give(block: LoneBlock, state: BlockState): void {
    block.state = state;
    this.bytes -= block.usable;
    this.#blocks[block.index] = null;
    native.giveBlock(this.#handle, block.index);
    this.#free[this.#free.length] = block.index;
  }
}
