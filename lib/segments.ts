import type { Allocator } from './allocator.ts';
import { canTransfer, detach, renew, setOwner } from './exposure.ts';
import { type ArenaHandle, native, tracksEscapes } from './native.ts';

/** A list that no setter on `Array.prototype` or `Object.prototype` can look into. */
function withoutPrototype<T>(list: T[]): T[] {
  return Object.setPrototypeOf(list, null) as T[];
}

/**
 * The ArrayBuffers that show an arena's segments to JavaScript: one per segment and epoch, in the order in which the core
 * opened the segments. Ending an ArrayBuffer ends every view of it.
 */
export class Segments {
  readonly #allocator: Allocator;
  readonly #handle: ArenaHandle;
  readonly #buffers: ArrayBuffer[];
  // Whether the segment at the same index is one block that stands alone.
  readonly #alone: boolean[];

  /** Those of `predecessor`, which must not be used any more, or none. */
  constructor(allocator: Allocator, handle: ArenaHandle, predecessor?: Segments) {
    this.#allocator = allocator;
    this.#handle = handle;
    this.#buffers = predecessor === undefined ? withoutPrototype([]) : predecessor.#buffers;
    this.#alone = predecessor === undefined ? withoutPrototype([]) : predecessor.#alone;
  }

  get count(): number {
    return this.#buffers.length;
  }

  /** The ArrayBuffer of segment `index`, which must be one of them. */
  bufferAt(index: number): ArrayBuffer {
    return this.#buffers[index];
  }

  /** Whether a buffer is that of one of the segments. */
  has(buffer: ArrayBufferLike): boolean {
    for (let index = 0; index < this.#buffers.length; index++)
      if (this.#buffers[index] === buffer) return true;
    return false;
  }

  standsAlone(index: number): boolean {
    return this.#alone[index];
  }

  /** Adds the segment that the core has just opened, by the ArrayBuffer that the addon wrapped it in. */
  add(wrapped: ArrayBuffer, standsAlone: boolean): void {
    const index = this.#buffers.length;
    this.#alone[index] = standsAlone;
    this.#show(index, renew(wrapped) ?? wrapped);
  }

  /** Puts segment `index` under a new ArrayBuffer, which ends its views; false when its memory has escaped. */
  renew(index: number): boolean {
    const old = this.#buffers[index];
    const fresh = canTransfer ? renew(old) : native.rewrap(this.#handle, index, old);
    if (fresh === undefined) return false;
    this.#show(index, fresh);
    return true;
  }

  /** Ends the views of segment `index`; false when its memory has escaped, which the core then leaves to the collector. */
  retire(index: number): boolean {
    if (!detach(this.#buffers[index])) return false;
    native.retire(this.#handle, index);
    return true;
  }

  /** Forgets all segments but the first `count`: the core has given them back. */
  truncate(count: number): void {
    this.#buffers.length = count;
    this.#alone.length = count;
  }

  #show(index: number, buffer: ArrayBuffer): void {
    setOwner(buffer, this.#allocator);
    if (tracksEscapes) native.track(this.#handle, index, buffer);
    this.#buffers[index] = buffer;
  }
}
