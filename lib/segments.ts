import type { Allocator } from './allocator.ts';
import type { ResetMode } from './arena-options.ts';
import { bufferLengthOf, withoutPrototype } from './captured.ts';
import { MAX_SEGMENT_BYTES } from './control.ts';
import { canTransfer, detach, renew, setOwner } from './exposure.ts';
import type { SegmentPosition } from './mark.ts';
import { type ArenaHandle, native, tracksEscapes } from './native.ts';

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

  /** Times that memory was left to the collector. */
  orphanings: number;

  /** Those of `predecessor`, which must not be used any more, or none. */
  constructor(allocator: Allocator, handle: ArenaHandle, predecessor?: Segments) {
    this.#allocator = allocator;
    this.#handle = handle;
    this.orphanings = predecessor === undefined ? 0 : predecessor.orphanings;
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

  /** Adds the segment that the core has just opened, by the ArrayBuffer that the addon wrapped it in. */
  add(wrapped: ArrayBuffer, standsAlone: boolean): void {
    const index = this.#buffers.length;
    this.#alone[index] = standsAlone;
    this.#show(index, renew(wrapped) ?? wrapped);
  }

  /**
   * Adds the segments that native code has opened, as `native.catchUp` shows them. One that the engine does not show is there as
   * one whose memory has escaped.
   */
  addAll(shown: readonly (ArrayBuffer | boolean | undefined)[]): void {
    for (let index = 0; index < shown.length; index += 2) {
      const wrapped = shown[index] as ArrayBuffer | undefined;
      this.add(wrapped ?? new ArrayBuffer(0), shown[index + 1] as boolean);
    }
  }

  /** Puts segment `index` under a new ArrayBuffer, which ends its views; false when its memory has escaped. */
  renew(index: number): boolean {
    const old = this.#buffers[index];
    const fresh = canTransfer ? renew(old) : native.rewrap(this.#handle, index, old);
    if (fresh === undefined) return false;
    this.#show(index, fresh);
    return true;
  }

  /** Ends all views. */
  endAll(): void {
    for (let index = 0; index < this.count; index++) this.#retire(index);
  }

  /** Leaves all memory to the collector, views and all. */
  orphan(): void {
    if (this.count > 0) this.orphanings++;
  }

  /**
   * Ends the views of what a reset gives back, and says whether the chunk can be kept: when it is the only one, not larger
   * than `largest` bytes, and its views could be ended where they have to. Marks may have left it in several segments.
   */
  endForReset(mode: ResetMode, largest: number): boolean {
    if (mode === 'orphan' || this.count === 0) {
      this.orphan();
      return false;
    }
    let keep =
      !this.#alone[0] && native.chunks(this.#handle) === 1 && bufferLengthOf(this.#buffers[0]) <= largest;
    for (let index = 1; index < this.count; index++) keep = this.#retire(index) && keep;
    if (keep && (mode === 'reuse' || this.renew(0))) return true;
    this.#retire(0); // Also in mode 'reuse': what an arena gives back is another's next.
    return false;
  }

  /**
   * Ends the views of all segments since a mark, and says where its rewind goes: to an empty segment right behind it, so that
   * the next round needs no call to open one. A segment whose views cannot be ended (its memory escaped, or the program
   * forbade it) stays taken until the reset, and so do those before it: they may be parts of one chunk. In mode `'reuse'`
   * the rewind goes back to the very position, and only views of what is given back end.
   */
  endSince(position: SegmentPosition, mode: ResetMode): SegmentPosition {
    const first = position.segments;
    let stuck = -1;
    for (let index = this.count - 1; index > first; index--) {
      if (!this.#retire(index) && stuck < 0 && !this.#alone[index]) stuck = index;
    }
    if (first < this.count) {
      const shared = !this.#alone[first];
      if (mode !== 'reuse' && stuck < 0 && shared && this.renew(first))
        return { segments: first + 1, current: first, cursor: 0 };
      if (!this.#retire(first) && stuck < 0 && shared) stuck = first;
    }
    return stuck < 0 ? position : this.endOf(stuck + 1);
  }

  /** Where the first `count` segments end: in the newest of them that blocks were cut from. */
  endOf(count: number): SegmentPosition {
    let current = count - 1;
    while (current >= 0 && this.#alone[current]) current--;
    return { segments: count, current, cursor: MAX_SEGMENT_BYTES };
  }

  /** Forgets all segments but the first `count`: the core has given them back. */
  truncate(count: number): void {
    this.#buffers.length = count;
    this.#alone.length = count;
  }

  /** Ends the views of segment `index`; false when its memory has escaped: then the core leaves it to the collector. */
  #retire(index: number): boolean {
    if (!detach(this.#buffers[index])) {
      this.orphanings++;
      return false;
    }
    native.retire(this.#handle, index);
    return true;
  }

  #show(index: number, buffer: ArrayBuffer): void {
    setOwner(buffer, this.#allocator);
    if (tracksEscapes) native.track(this.#handle, index, buffer);
    this.#buffers[index] = buffer;
  }
}
