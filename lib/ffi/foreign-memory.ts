import { inspect } from 'node:util';

import type { Allocator, AllocatorStats } from '../allocator.ts';
import { Block } from '../block.ts';
import type { Boundary } from '../call-stack.ts';
import { bufferLengthOf, bufferOf, extentOf, max, push } from '../captured.ts';
import { detach, ownerOf, renew, setOwner } from '../exposure.ts';
import { foreignWatch } from '../foreign-watch.ts';
import { native, tracksEscapes } from '../native.ts';
import { Pin } from '../pin.ts';
import { wrongReceiverOf } from '../validate.ts';
import * as errors from './errors.ts';
import { ForeignBlock, type ForeignEntry, ForeignState, foreignBlockOf } from './foreign-block.ts';
import type { ForeignSettings } from './foreign-options.ts';
import { hearNews, listen, onNews, throwLater } from './news.ts';

/** Memory that libraries have made, and this thread sees. Sizes are bytes. */
export interface ForeignStats extends AllocatorStats {
  readonly kind: 'foreign';
  /** Blocks that were neither freed nor collected. */
  readonly blocks: number;
  /** Those of them that are freed when they end. */
  readonly adopted: number;
}

/**
 * The allocator that blocks over the memory of C libraries name: it can free, own and pin them, and makes none itself. There is one
 * in each thread, and programs meet it as `block.allocator`.
 */
export class ForeignMemory implements Allocator {
  // By index of the addon's table. They keep what frees the memory, and its owner, until it is over.
  readonly #entries = new Map<number, ForeignEntry>();
  readonly #adopted = new Map<bigint, ForeignEntry>();
  #bytes = 0;
  #peak = 0;

  /** A block over memory that a program has named; see `fromAddress`. */
  static take(
    memory: ForeignMemory,
    address: bigint,
    bytes: number,
    settings: ForeignSettings,
    boundary: Boundary,
  ): Block {
    listen();
    const { free } = settings;
    if (free !== undefined && memory.#adopted.size > 0) {
      hearNews(); // What was collected is free, and the library may have made this in its place.
      if (memory.#adopted.has(address)) throw errors.adoptedBefore(address);
    }
    const taken = native.takeForeign(address, bytes);
    if (taken === undefined) throw errors.noForeignMemory();
    if (taken === null) throw errors.noMemory('a view');
    const { index, buffer: wrapped } = taken;
    const buffer = renew(wrapped) ?? wrapped;
    if (tracksEscapes) native.trackForeign(index, buffer);
    const note = free === undefined ? null : (foreignWatch.current?.begin(memory, bytes, boundary) ?? null);
    const entry: ForeignEntry = { address, bytes, settings, note };
    setOwner(buffer, memory);
    new ForeignBlock(index, buffer, entry);
    const block = new Block(buffer, 0, bytes);
    memory.#bytes += bytes;
    memory.#peak = max(memory.#peak, memory.#bytes);
    // Last, so that whoever catches an error has the memory still.
    if (free !== undefined) memory.#adopted.set(address, entry);
    memory.#entries.set(index, entry);
    if (typeof free === 'bigint') native.armForeign(index, free);
    return block;
  }

  /** What the collector has ended. */
  static hear(memory: ForeignMemory): void {
    // All of them first: what frees one may make others, which get their indices.
    const ended: ForeignEntry[] = [];
    for (const index of native.endedForeign()) {
      const entry = memory.#entries.get(index);
      if (entry !== undefined) push(ended, entry); // Else the program was interrupted before it had the block.
      memory.#entries.delete(index);
    }
    for (const entry of ended) {
      try {
        memory.#close(entry, false);
      } catch (error) {
        throwLater(error);
      }
    }
  }

  /** @throws `ERR_FREEHOLD_UNSUPPORTED`. */
  alloc(): never {
    throw errors.allocatesNothing();
  }

  /** @throws `ERR_FREEHOLD_UNSUPPORTED`. */
  allocUnsafe(): never {
    throw errors.allocatesNothing();
  }

  /** @throws `ERR_FREEHOLD_UNSUPPORTED`. */
  tryAlloc(): never {
    throw errors.allocatesNothing();
  }

  /** @throws `ERR_FREEHOLD_UNSUPPORTED`. */
  realloc(): never {
    throw errors.allocatesNothing();
  }

  /**
   * Ends a block, by any view that begins where it begins: its views have length 0 from now on, and what was adopted is freed. When
   * the function that frees it throws, the block has ended nevertheless.
   *
   * @throws `ERR_FREEHOLD_INVALID_FREE`, `ERR_FREEHOLD_DOUBLE_FREE`, `ERR_FREEHOLD_PINNED`, `ERR_FREEHOLD_USE_AFTER_FREE` for one
   * that was transferred, or may not be ended (`markAsUntransferable`): it is freed when nothing reaches it.
   */
  free(view: ArrayBufferView): void {
    const memory = ForeignMemory.#checked(this);
    const found = memory.#find(view);
    const { count } = found.pins;
    if (count > 0) throw errors.pinned(found.label, count);
    if (!detach(found.buffer)) {
      found.state = ForeignState.MOVED;
      throw errors.moved(found.label);
    }
    found.state = ForeignState.FREED;
    native.endForeign(found.index);
    memory.#entries.delete(found.index);
    memory.#close(found.entry, true);
  }

  /** Whether a view shows foreign memory that was not ended. */
  owns(view: ArrayBufferView): boolean {
    const memory = ForeignMemory.#checked(this);
    const buffer = bufferOf(view);
    if (buffer === undefined || ownerOf(buffer) !== memory) return false;
    const found = foreignBlockOf(buffer);
    return found?.state === ForeignState.LIVE && bufferLengthOf(buffer) > 0;
  }

  /** Holds a block until the pin, which the caller owns, is released: it is neither freed nor collected meanwhile. */
  pin(view: ArrayBufferView): Pin {
    const memory = ForeignMemory.#checked(this);
    const buffer = bufferOf(view);
    const found = memory.owns(view) && buffer !== undefined ? foreignBlockOf(buffer) : undefined;
    if (found === undefined) throw errors.notForeign('foreign memory', view);
    return new Pin(found.pins);
  }

  /** Figures of this moment. */
  stats(): ForeignStats {
    const memory = ForeignMemory.#checked(this);
    return {
      kind: 'foreign',
      name: 'foreign',
      bytesUsed: memory.#bytes,
      bytesReserved: memory.#bytes,
      bytesPeak: memory.#peak,
      blocks: memory.#entries.size,
      adopted: memory.#adopted.size,
    };
  }

  /**
   * Foreign memory ends block by block.
   *
   * @throws `ERR_FREEHOLD_UNSUPPORTED`.
   */
  [Symbol.dispose](): never {
    throw errors.allocatesNothing();
  }

  /** The figures, for machines. */
  toJSON(): ForeignStats {
    return this.stats();
  }

  [inspect.custom](): string {
    return `ForeignMemory ${inspect(this.stats())}`;
  }

  /** Once for each block: its memory is over, and the addon has called what is native. */
  #close({ address, bytes, settings, note }: ForeignEntry, freed: boolean): void {
    if (settings.free !== undefined) this.#adopted.delete(address);
    this.#bytes -= bytes;
    if (note !== null) foreignWatch.current?.end(note, freed);
    // Last: it may do anything, also come back here.
    if (typeof settings.free === 'function') settings.free(address);
  }

  #find(view: ArrayBufferView): ForeignBlock {
    const buffer = bufferOf(view);
    const found = buffer === undefined || ownerOf(buffer) !== this ? undefined : foreignBlockOf(buffer);
    if (found === undefined) throw errors.notForeign('foreign memory', view);
    if (found.state === ForeignState.FREED) throw errors.freedBefore(found.label);
    if (bufferLengthOf(found.buffer) === 0) throw errors.moved(found.label);
    const { byteOffset } = extentOf(view);
    if (byteOffset !== 0) throw errors.interior(found.label, byteOffset);
    return found;
  }

  static #checked(value: ForeignMemory): ForeignMemory {
    if (typeof value === 'object' && value !== null && #entries in value) return value;
    throw wrongReceiverOf('ForeignMemory', value);
  }
}

/** The one of this thread. */
export const foreignMemory = new ForeignMemory();

onNews(() => {
  ForeignMemory.hear(foreignMemory);
});
