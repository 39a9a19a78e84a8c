import type { Allocator } from './allocator.ts';
import { bufferLengthOf, bufferOf, extentOf, withoutPrototype } from './captured.ts';
import { Stamped, detach, renew, setOwner } from './exposure.ts';
import { type MadeBlock, type RcHandle, native, tracksEscapes } from './native.ts';

/** Which slab of which heap an ArrayBuffer shows. */
class RcSlabOf extends Stamped<ArrayBuffer> {
  readonly #slabs: RcSlabs;
  readonly #slab: number;

  constructor(buffer: ArrayBuffer, slabs: RcSlabs, slab: number) {
    super(buffer);
    this.#slabs = slabs;
    this.#slab = slab;
  }

  static slabOf(buffer: object, slabs: RcSlabs): number {
    return #slabs in buffer && buffer.#slabs === slabs ? buffer.#slab : -1;
  }
}

/** The ArrayBuffers that show the slabs of a reference-counted heap, by number. */
export class RcSlabs {
  readonly #heap: Allocator;
  readonly #buffers = withoutPrototype<ArrayBuffer | undefined>([]);
  // The index of the first block of each.
  readonly #firsts = withoutPrototype<number>([]);

  /** Times that memory was left to the collector. */
  orphanings = 0;

  constructor(heap: Allocator) {
    this.#heap = heap;
  }

  /** A slab has come. */
  add(handle: RcHandle, { slab, buffer: wrapped, first }: MadeBlock): void {
    const buffer = renew(wrapped) ?? wrapped;
    setOwner(buffer, this.#heap);
    new RcSlabOf(buffer, this, slab);
    if (tracksEscapes) native.rcTrack(handle, slab, buffer);
    while (this.#buffers.length <= slab) this.#buffers[this.#buffers.length] = undefined;
    this.#firsts[slab] = first;
    this.#buffers[slab] = buffer;
  }

  /** What shows a slab; undefined when its memory is gone. */
  bufferOf(slab: number): ArrayBuffer | undefined {
    const buffer = this.#buffers[slab];
    return buffer === undefined || bufferLengthOf(buffer) === 0 ? undefined : buffer;
  }

  /** The index of the first block of a slab. */
  firstOf(slab: number): number {
    return this.#firsts[slab];
  }

  /** The slab of a view, and where in it the view begins; undefined for a view of anything else. */
  find(view: ArrayBufferView): { slab: number; offset: number } | undefined {
    const buffer = bufferOf(view);
    const slab = buffer === undefined ? -1 : RcSlabOf.slabOf(buffer, this);
    if (slab < 0 || this.#buffers[slab] !== buffer || bufferLengthOf(buffer) === 0) return undefined;
    return { slab, offset: extentOf(view).byteOffset };
  }

  /** Lets go of slabs that the core gave back without us. */
  forget(slabs: number[]): void {
    for (let each = 0; each < slabs.length; each++) {
      this.#buffers[slabs[each]] = undefined;
      this.orphanings++;
    }
  }

  /** Ends the views of slabs before the core gives them back. */
  end(handle: RcHandle, slabs: number[]): void {
    for (let each = 0; each < slabs.length; each++) this.#end(handle, slabs[each]);
  }

  /** The same for all of them. */
  endAll(handle: RcHandle): void {
    for (let slab = 0; slab < this.#buffers.length; slab++) this.#end(handle, slab);
  }

  #end(handle: RcHandle, slab: number): void {
    const buffer = this.#buffers[slab];
    if (buffer === undefined) return;
    this.#buffers[slab] = undefined;
    if (detach(buffer)) native.rcRetire(handle, slab);
    else this.orphanings++;
  }
}
