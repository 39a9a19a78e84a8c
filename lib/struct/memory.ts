import { constants } from 'node:buffer';

import { bufferOf, extentOf, memoryLengthOf } from '../captured.ts';
import { Stamped } from '../exposure.ts';

/** Two views of a stretch of memory, shared by everything in it: that its buffer is there, and what is in it. */
export class Memory {
  /** Its length says for a nanosecond whether the memory is there: 0 when its buffer was detached. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;

  constructor(buffer: ArrayBuffer, byteOffset?: number, byteLength?: number) {
    // Without a length they follow a buffer that changes its own.
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.view = new DataView(buffer, byteOffset, byteLength);
  }
}

/** The memory of what has none any more. */
export const NO_MEMORY = new Memory(new ArrayBuffer(0));

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

/** The memory of a whole buffer, which is attached; undefined when the buffer is larger than any view. */
export function memoryOf(buffer: ArrayBufferLike): Memory | undefined {
  const known = MemoryOf.of(buffer);
  if (known !== undefined) return known;
  if (memoryLengthOf(buffer) > constants.MAX_LENGTH) return undefined;
  const memory = new Memory(buffer as ArrayBuffer);
  new MemoryOf(buffer, memory);
  return memory;
}

/** The memory of an attached view, and where in it the view begins. */
export function placeOf(view: ArrayBufferView): { memory: Memory; at: number } {
  const buffer = bufferOf(view) as ArrayBuffer;
  const { byteOffset, byteLength } = extentOf(view);
  const memory = memoryOf(buffer);
  return memory === undefined
    ? { memory: new Memory(buffer, byteOffset, byteLength), at: 0 }
    : { memory, at: byteOffset };
}
