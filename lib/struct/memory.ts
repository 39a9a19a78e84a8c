import { byteLengthOf, byteOffsetOf, canResize, memoryLengthOf, typedArrayBuffer } from '../captured.ts';
import { Stamped } from '../exposure.ts';

const NOTHING = new ArrayBuffer(0);

/** A DataView with the methods of its own that DataView had when the package was loaded. */
class FieldView extends DataView<ArrayBuffer> {
  static {
    const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(DataView.prototype);
    Object.defineProperties(FieldView.prototype, methods);
    Object.freeze(FieldView.prototype);
  }
}

/** Offsets are small integers, for speed: in what is larger each struct has a memory of its own. */
const LARGEST_SHARED = 2 ** 31 - 1;
/** What such a memory begins at multiples of. */
const WINDOW = 4096;

/**
 * Views of a stretch of memory, shared by all structs in it. When the memory is gone the arrays have length 0.
 *
 * Numbers are read through a DataView: V8 puts that into the code of the caller as it does a typed array, it looks once where a
 * typed array is looked at twice (is the buffer detached? is the index below the length?), and takes any offset. Not those of 64
 * bits, for which it calls the runtime (Node 20; 14 ns): they have typed arrays.
 */
export class Memory {
  /** The buffer, and where in it the memory begins, in bytes: a multiple of 8. */
  readonly buffer: ArrayBuffer;
  readonly begin: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  u64 = new BigUint64Array(NOTHING);
  i64 = new BigInt64Array(NOTHING);

  /** From `begin` to `end`; without one to the end of the buffer, also when that moves. */
  constructor(buffer: ArrayBuffer, begin: number, end: number | undefined) {
    const length = end === undefined ? undefined : end - begin;
    this.buffer = buffer;
    this.begin = begin;
    this.bytes = new Uint8Array(buffer, begin, length);
    this.view = new FieldView(buffer, begin, length);
  }

  /** Makes the typed arrays, unless they are there. Only for memory that is there. */
  openLarge(): void {
    if (this.u64.length > 0) return;
    const length = canResize(this.buffer) ? undefined : this.bytes.length >>> 3;
    this.u64 = new BigUint64Array(this.buffer, this.begin, length);
    this.i64 = new BigInt64Array(this.buffer, this.begin, length);
  }
}

/** The memory of what has none any more. */
export const NO_MEMORY = new Memory(NOTHING, 0, 0);

/** The memory of a buffer in a private field of it: found with one load, where a WeakMap takes 20 ns. */
class MemoryOf extends Stamped<ArrayBufferLike> {
  readonly #memory: Memory;

  constructor(buffer: ArrayBufferLike, memory: Memory) {
    super(buffer);
    this.#memory = memory;
  }

  static of(buffer: ArrayBufferLike): Memory | undefined {
    return #memory in buffer ? buffer.#memory : undefined;
  }
}

/** The memory of an attached view that is no DataView. */
export function memoryOf(view: Uint8Array): Memory {
  const buffer = typedArrayBuffer(view) as ArrayBuffer;
  return MemoryOf.of(buffer) ?? newMemory(buffer, view);
}

/** Where in its memory a view begins. */
export function offsetIn(memory: Memory, view: Uint8Array): number {
  return byteOffsetOf(view) - memory.begin;
}

function newMemory(buffer: ArrayBuffer, view: Uint8Array): Memory {
  if (memoryLengthOf(buffer) > LARGEST_SHARED) {
    const begin = byteOffsetOf(view);
    return new Memory(buffer, begin - (begin % WINDOW), begin + byteLengthOf(view));
  }
  const memory = new Memory(buffer, 0, undefined);
  new MemoryOf(buffer, memory);
  return memory;
}
