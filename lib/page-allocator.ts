import { inspect } from 'node:util';

import type { AllocatorStats } from './allocator.ts';
import { BlockAllocator } from './block-allocator.ts';
import { Block } from './block.ts';
import { bufferOf, extentOf, fill, max, min, setBytes } from './captured.ts';
import { FreeholdError } from './errors.ts';
import { ownerOf } from './exposure.ts';
import { pageAllocators } from './live-allocators.ts';
import { BlockState, type LoneBlock, LoneBlocks, loneBlockOf } from './lone-blocks.ts';
import { Guard, native } from './native.ts';
import { Pin } from './pin.ts';
import {
  LARGEST_BLOCK,
  checkAlignment,
  checkChoice,
  checkName,
  checkSize,
  describe,
  disposedOf,
  readOptions,
  wrongReceiverOf,
} from './validate.ts';

/** The alignment of blocks when none is asked for, in bytes. */
const DEFAULT_ALIGNMENT = 16;

/** How a page allocator works. */
export interface PageAllocatorOptions {
  /**
   * Inaccessible pages before and behind each block: touching one ends the process at the faulty instruction, where a
   * debugger shows it. With `true` or `'rear'` a block ends at the rear one, as far as its alignment allows; with
   * `'front'` it begins right behind the front one. Default: false.
   */
  guard?: boolean | 'rear' | 'front';
  /** A name for messages and figures. Default: `'pages'`. */
  name?: string;
}

/** What a page allocator says of itself. Sizes are bytes. */
export interface PageAllocatorStats extends AllocatorStats {
  readonly kind: 'pages';
  /** Blocks that were not given back. */
  readonly blocks: number;
  /** The guards that it was made with: none where the engine takes no memory from outside. */
  readonly guard: 'none' | 'rear' | 'front';
  /** Where blocks come from: mapped pages, or the engine where it takes no memory from outside. */
  readonly backing: 'pages' | 'v8';
  /** Times that memory was left to the collector, because the program had moved it or forbidden to end it. */
  readonly orphanings: number;
  /** Pins that hold blocks now. */
  readonly pins: number;
}

/**
 * Whole pages for each block, with an ArrayBuffer of its own: a block's views die when it is freed, also those that were
 * made of `block.buffer`, and its memory is back with the system at once. For few and large blocks, for blocks that many
 * views are made of, and with `guard` for finding out who writes beyond a block: a block costs microseconds.
 *
 * The size of a block is rounded up to whole pages, or with a rear guard to its alignment (see
 * {@link PageAllocator.usableSize}), and its memory is zero without being touched. Linux allows a process 65,530 mappings;
 * a guarded block takes up to three.
 *
 * Blocks belong to the caller until they are freed or the allocator is disposed; they are not freed by the collector while
 * the allocator is reachable. What a program has moved out of a block (`transfer()`, `postMessage`) belongs to whoever
 * holds it, and is never unmapped under them.
 *
 * @example
 * ```ts
 * import { pageAllocator } from 'freehold';
 * import assert from 'node:assert';
 *
 * using pages = pageAllocator({ guard: true });
 * const table = pages.alloc(1_000_000, 4096);
 * const words = new Uint32Array(table.buffer, table.byteOffset, 250_000);
 * pages.free(words); // any view that begins where the block begins
 * assert.equal(table.length + words.length, 0);
 * ```
 */
export class PageAllocator extends BlockAllocator {
  readonly #name: string;
  readonly #guard: Guard;
  #blocks: LoneBlocks | null;
  #peak = 0;
  #orphanings = 0;
  // Where memoryStats() finds it.
  readonly #entry: WeakRef<PageAllocator>;

  /** The same as {@link pageAllocator}. */
  constructor(options?: PageAllocatorOptions) {
    super();
    const { guard = false, name = 'pages' } = readOptions(options, ['guard', 'name'], 'pageAllocator');
    this.#name = checkName(name);
    this.#guard = readGuard(guard);
    const handle = native.createBlocks();
    if (handle === undefined) throw outOfMemory(this.#name, 0);
    this.#blocks = new LoneBlocks(this, handle);
    this.#entry = pageAllocators.add(this);
  }

  /** The name given to the allocator. */
  get name(): string {
    return PageAllocator.#checked(this).#name;
  }

  /** Whether the allocator was disposed. */
  get disposed(): boolean {
    return PageAllocator.#checked(this).#blocks === null;
  }

  /**
   * A block of `byteLength` zeroed bytes (0 to 2^53-1) at a multiple of `alignment` (a power of two up to 2 MiB; without
   * a rear guard every block begins at a page). The caller owns it until it is freed.
   *
   * @throws `ERR_FREEHOLD_OUT_OF_MEMORY`, `ERR_FREEHOLD_INVALID_SIZE`, `ERR_FREEHOLD_INVALID_ALIGNMENT`,
   * `ERR_FREEHOLD_DISPOSED`.
   */
  alloc(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): Block {
    PageAllocator.#live(this);
    const size = checkSize(byteLength);
    const block = this.#take(size, checkAlignment(alignment));
    if (block === null) throw outOfMemory(this.#name, size);
    return block;
  }

  /** The same: fresh pages are zero. */
  allocUnsafe(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): Block {
    return PageAllocator.#checked(this).alloc(byteLength, alignment);
  }

  /**
   * Like {@link PageAllocator.alloc}, but null when there is no memory.
   *
   * @throws for arguments that are wrong, and `ERR_FREEHOLD_DISPOSED`.
   */
  tryAlloc(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): Block | null {
    PageAllocator.#live(this);
    return this.#take(checkSize(byteLength), checkAlignment(alignment));
  }

  /**
   * A block of `byteLength` bytes that begins with the bytes of `block`; what is added is zeroed. In place when it needs
   * the same pages, else at another address with the same alignment, where every view of the old memory dies. `block`
   * must not be used any more.
   *
   * @throws as {@link PageAllocator.alloc} and {@link PageAllocator.free}; then `block` is as it was.
   */
  realloc(block: Block, byteLength: number): Block {
    const blocks = PageAllocator.#live(this);
    const size = checkSize(byteLength);
    const old = this.#find(blocks, block);
    const { byteLength: oldSize } = extentOf(block);
    if (this.#fits(old, size)) {
      const same = new Block(old.buffer, old.offset, size);
      if (size > oldSize) fill(same, 0, oldSize, size);
      return same;
    }
    this.#checkUnpinned(old, 'realloc');
    const moved = this.#take(size, old.alignment);
    if (moved === null) throw outOfMemory(this.#name, size);
    setBytes(moved, new Uint8Array(old.buffer, old.offset, min(size, oldSize)));
    blocks.end(old);
    return moved;
  }

  /**
   * Gives a block back, by any view that begins where it begins: its views have length 0 from now on, and its memory is
   * the system's.
   *
   * @throws `ERR_FREEHOLD_INVALID_FREE` for what is no block of this allocator or does not begin where one begins,
   * `ERR_FREEHOLD_DOUBLE_FREE` for one that was freed, `ERR_FREEHOLD_USE_AFTER_FREE` for one whose memory the program
   * moved away, `ERR_FREEHOLD_PINNED` for one that is pinned.
   */
  free(block: ArrayBufferView): void {
    const blocks = PageAllocator.#live(this);
    const found = this.#find(blocks, block);
    this.#checkUnpinned(found, 'free');
    blocks.end(found);
  }

  /**
   * How many bytes from its beginning are the block's, in whole pages or up to the rear guard. `realloc` to as many stays
   * in place.
   *
   * @throws as {@link PageAllocator.free}.
   */
  usableSize(block: ArrayBufferView): number {
    const blocks = PageAllocator.#live(this);
    return this.#find(blocks, block).usable;
  }

  /** Whether a view shows a block that this allocator has handed out and not got back. */
  owns(view: ArrayBufferView): boolean {
    const blocks = PageAllocator.#checked(this).#blocks;
    const buffer = bufferOf(view);
    if (blocks === null || buffer === undefined || ownerOf(buffer) !== this) return false;
    const block = loneBlockOf(buffer);
    return block !== undefined && blocks.has(block);
  }

  /**
   * Holds a block until the pin, which the caller owns, is released: `free`, a `realloc` that moves it and dispose throw
   * `ERR_FREEHOLD_PINNED` meanwhile.
   *
   * @throws as {@link PageAllocator.free}.
   */
  pin(block: ArrayBufferView): Pin {
    const blocks = PageAllocator.#live(this);
    return new Pin(this.#find(blocks, block).pins);
  }

  /** Figures of this moment; all zero after dispose but for the totals. */
  stats(): PageAllocatorStats {
    const blocks = PageAllocator.#checked(this).#blocks;
    const [count, bytesReserved] = blocks === null ? [0, 0] : blocks.figures();
    const backing = native.usesEngineMemory() ? 'v8' : 'pages';
    return {
      kind: 'pages',
      name: this.#name,
      bytesUsed: blocks === null ? 0 : blocks.bytes,
      bytesReserved,
      bytesPeak: this.#peak,
      blocks: count,
      guard: backing === 'v8' ? 'none' : guardNames[this.#guard],
      backing,
      orphanings: blocks === null ? this.#orphanings : blocks.orphanings,
      pins: blocks === null ? 0 : blocks.pins(),
    };
  }

  /**
   * Ends every block and gives all memory back. Further calls do nothing; any other use throws `ERR_FREEHOLD_DISPOSED`.
   *
   * @throws `ERR_FREEHOLD_PINNED` when a block is pinned; nothing has changed then.
   */
  dispose(): void {
    const blocks = PageAllocator.#checked(this).#blocks;
    if (blocks === null) return;
    const pins = blocks.pins();
    if (pins > 0) throw pinned(this.#name, 'dispose', pins);
    this.#blocks = null; // First: whatever interrupts the rest, what is left is the collector's.
    pageAllocators.remove(this.#entry);
    blocks.destroy();
    this.#orphanings = blocks.orphanings;
  }

  /** The same as {@link PageAllocator.dispose}. */
  [Symbol.dispose](): void {
    PageAllocator.#checked(this).dispose();
  }

  /** The figures, for logs. */
  toJSON(): PageAllocatorStats {
    return PageAllocator.#checked(this).stats();
  }

  [inspect.custom](): string {
    const { name, bytesUsed, blocks } = PageAllocator.#checked(this).stats();
    const state = this.#blocks === null ? 'disposed' : `${bytesUsed} bytes in ${blocks} block(s)`;
    return `PageAllocator(${name}) { ${state} }`;
  }

  static #checked(value: PageAllocator): PageAllocator {
    if (typeof value === 'object' && value !== null && #blocks in value) return value;
    throw wrongReceiverOf('PageAllocator', value);
  }

  static #live(value: PageAllocator): LoneBlocks {
    const blocks = PageAllocator.#checked(value).#blocks;
    if (blocks === null) throw disposedOf(`page allocator "${value.#name}"`);
    return blocks;
  }

  #take(size: number, alignment: number): Block | null {
    const blocks = PageAllocator.#live(this);
    const made = size > LARGEST_BLOCK ? null : blocks.take(size, alignment, this.#guard);
    if (made === null) return null;
    this.#peak = max(this.#peak, blocks.bytes);
    return new Block(made.buffer, made.offset, size);
  }

  /** The live block that a view begins with. */
  #find(blocks: LoneBlocks, view: ArrayBufferView): LoneBlock {
    const buffer = bufferOf(view);
    const block = buffer === undefined || ownerOf(buffer) !== this ? undefined : loneBlockOf(buffer);
    if (block === undefined) throw notABlock(this.#name, view);
    if (block.state === BlockState.FREED) throw freedBefore(this.#name);
    if (!blocks.has(block)) throw moved(this.#name);
    const { byteOffset } = extentOf(view);
    if (byteOffset !== block.offset) throw interior(this.#name, byteOffset - block.offset);
    return block;
  }

  /** Whether a block of another size would get the same pages, and stand in the same place on them. */
  #fits({ usable, alignment, lent }: LoneBlock, size: number): boolean {
    return (
      lent === null &&
      size <= usable &&
      usable - max(size, 1) < (this.#guard === Guard.REAR ? alignment : PAGE)
    );
  }

  #checkUnpinned(block: LoneBlock, action: string): void {
    const { count } = block.pins;
    if (count > 0) throw pinned(this.#name, action, count);
  }
}

/**
 * A new {@link PageAllocator}: whole pages for each block, on request between inaccessible ones.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense.
 */
export function pageAllocator(options?: PageAllocatorOptions): PageAllocator {
  return new PageAllocator(options);
}

/** In bytes; the pages of some machines are larger, where a `realloc` moves a block that could have stayed. */
const PAGE = 4096;

const guardNames = ['none', 'rear', 'front'] as const;

function readGuard(value: unknown): Guard {
  if (typeof value === 'boolean') return value ? Guard.REAR : Guard.NONE;
  return checkChoice(value, ['rear', 'front'], 'guard') === 'rear' ? Guard.REAR : Guard.FRONT;
}

// ---- Errors: what was asked, what was found, what to do --------------------------------------------------------------

function outOfMemory(name: string, byteLength: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_OUT_OF_MEMORY',
    `page allocator "${name}" cannot get ${byteLength} bytes from the system; free memory elsewhere, or ask for less (tryAlloc() gives null instead)`,
  );
}

function notABlock(name: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `${describe(value)} is not a block of page allocator "${name}"; give it to the allocator it came from`,
  );
}

function interior(name: string, distance: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `this view begins ${distance} bytes from the beginning of its block of page allocator "${name}"; pass the block, or a view that begins where it begins`,
  );
}

function freedBefore(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DOUBLE_FREE',
    `this block of page allocator "${name}" was freed before`,
  );
}

function moved(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `the memory of this block of page allocator "${name}" was transferred and is not the allocator's any more; whoever received it holds it`,
  );
}

function pinned(name: string, action: string, pins: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_PINNED',
    `${action} of page allocator "${name}" while ${pins} pin(s) hold the memory; release them first`,
  );
}
