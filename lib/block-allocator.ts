import type { Allocator, AllocatorStats } from './allocator.ts';
import type { Block } from './block.ts';
import { bufferOf, byteLengthOf, byteOffsetOf, setBytes } from './captured.ts';
import { FreeholdError } from './errors.ts';
import {
  type TypedArray,
  type TypedArrayConstructor,
  bytesOf,
  checkTypedArrayConstructor,
} from './typed-arrays.ts';
import { checkSize, describe, wrongReceiverOf } from './validate.ts';

/** What every allocator of blocks of any size offers besides {@link Allocator}: the usual contents, in one call. */
export abstract class BlockAllocator implements Allocator {
  abstract alloc(byteLength: number, alignment?: number): Block;
  abstract allocUnsafe(byteLength: number, alignment?: number): Block;
  abstract tryAlloc(byteLength: number, alignment?: number): Block | null;
  abstract realloc(block: Block, byteLength: number): Block;
  abstract free(block: ArrayBufferView): void;
  abstract owns(view: ArrayBufferView): boolean;
  abstract stats(): AllocatorStats;
  abstract [Symbol.dispose](): void;

  /**
   * A zeroed typed array of `length` elements, which the allocator owns as it owns its blocks.
   *
   * @throws as `alloc`, and `ERR_FREEHOLD_INVALID_ARGUMENT` for anything that is no typed array class.
   *
   * @example
   * ```ts
   * import { Arena } from 'freehold';
   * import assert from 'node:assert';
   *
   * using arena = new Arena();
   * const samples = arena.array(Float32Array, 1000);
   * assert(samples instanceof Float32Array && samples.length === 1000);
   * ```
   */
  array<C extends TypedArrayConstructor>(constructor: C, length: number): TypedArray<C> {
    checkReceiver(this);
    checkTypedArrayConstructor(constructor);
    const elementBytes = constructor.BYTES_PER_ELEMENT;
    const byteLength = checkSize(checkSize(length, 'length') * elementBytes, 'length in bytes');
    const block = this.alloc(byteLength);
    return new constructor(bufferOf(block) as ArrayBuffer, byteOffsetOf(block), length) as TypedArray<C>;
  }

  /**
   * A block with a copy of `bytes`: a view, an ArrayBuffer or a SharedArrayBuffer.
   *
   * @throws as `allocUnsafe`, and `ERR_FREEHOLD_INVALID_ARGUMENT` for anything else.
   */
  copy(bytes: ArrayBufferView | ArrayBufferLike): Block {
    checkReceiver(this);
    const source = bytesOf(bytes);
    const block = this.allocUnsafe(byteLengthOf(source));
    setBytes(block, source);
    return block;
  }

  /**
   * A block with the UTF-8 bytes of `text`; lone surrogates become U+FFFD.
   *
   * @throws as `allocUnsafe`, and `ERR_FREEHOLD_INVALID_ARGUMENT` for anything that is no string.
   */
  string(text: string): Block {
    checkReceiver(this);
    checkText(text);
    const block = this.allocUnsafe(Buffer.byteLength(text));
    block.write(text);
    return block;
  }

  /**
   * Like {@link BlockAllocator.string} with a NUL byte at the end, for C. The NUL is part of the block's length.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when the text itself has a NUL: C would see only what is before it.
   */
  cString(text: string): Block {
    checkReceiver(this);
    checkText(text);
    const nul = text.indexOf('\0');
    if (nul >= 0) {
      throw new FreeholdError(
        'ERR_FREEHOLD_INVALID_ARGUMENT',
        `text for C has a NUL character at index ${nul}, where C would end it; remove it or use string()`,
      );
    }
    const byteLength = Buffer.byteLength(text);
    const block = this.allocUnsafe(byteLength + 1);
    block.write(text);
    block[byteLength] = 0;
    return block;
  }
}

// What only looks like an allocator is found by the `alloc` or `allocUnsafe` that each method calls.
function checkReceiver(value: unknown): void {
  if (!(value instanceof BlockAllocator)) throw wrongReceiverOf('an allocator', value);
}

function checkText(text: unknown): void {
  if (typeof text === 'string') return;
  throw new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', `text must be a string, but is ${describe(text)}`);
}
