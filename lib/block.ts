import type { Allocator } from './allocator.ts';
import { bufferOf, byteLengthOf, isAttached } from './captured.ts';
import { FreeholdError } from './errors.ts';
import { ownerOf, viewOwnerOf } from './exposure.ts';
import { native } from './native.ts';
import { gone, pinView } from './pin-view.ts';
import type { Pin } from './pin.ts';
import { checkOffset } from './validate.ts';

// TypeScript's view of what the prototype surgery below makes true: a Uint8Array constructor whose results are Buffers.
const BufferView = Uint8Array as unknown as {
  new (buffer: ArrayBuffer, byteOffset: number, byteLength: number): Buffer<ArrayBuffer>;
  readonly prototype: Buffer<ArrayBuffer>;
};

/**
 * A piece of an allocator's memory. It *is* a `Buffer`: it passes `Buffer.isBuffer`, and `fs`, `net`, `zlib`, `crypto`
 * and FFI libraries take it as one. Allocators make blocks; programs do not.
 *
 * The block lives until it is freed or its allocator ends it. Then its length is 0, unless the allocator says otherwise.
 *
 * @example
 * ```ts
 * import { Arena } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * const block = arena.alloc(64);
 * block.write('a block is a Buffer');
 * assert(Buffer.isBuffer(block));
 * assert.equal(block.toString('utf8', 0, 7), 'a block');
 * ```
 */
export class Block extends BufferView {
  /**
   * The address of the first byte in this process, for native code. Valid as long as the block.
   *
   * Throws `ERR_FREEHOLD_USE_AFTER_FREE` when the block's memory is gone.
   */
  get address(): bigint {
    allocatorOf(this, 'address');
    const address = isAttached(this) ? native.addressOf(this) : undefined;
    if (address === undefined) throw gone();
    return address;
  }

  /**
   * The address of the byte at `offset`, from 0 to the block's length: that of the first byte behind it is there for loops of C, and
   * must not be read. (`at(index)` is a Buffer's: it gives the byte itself.)
   *
   * @throws `ERR_FREEHOLD_INVALID_SIZE` for an offset that is not in the block, and as {@link Block.address}.
   *
   * @example
   * ```ts
   * import { Heap } from 'freehold';
   * import assert from 'node:assert';
   *
   * using heap = new Heap();
   * const block = heap.alloc(64);
   * assert.equal(block.addressAt(16), block.address + 16n);
   * assert.throws(() => block.addressAt(65), { code: 'ERR_FREEHOLD_INVALID_SIZE' });
   * ```
   */
  addressAt(offset: number): bigint {
    allocatorOf(this, 'addressAt');
    const address = isAttached(this) ? native.addressOf(this) : undefined;
    if (address === undefined) throw gone();
    return address + BigInt(checkOffset(offset, byteLengthOf(this)));
  }

  /** The allocator that the block came from, also when its memory is gone. */
  get allocator(): Allocator {
    return allocatorOf(this, 'allocator');
  }

  /**
   * Holds the block's memory while native code works on it: until the pin is released, the allocator refuses to end it
   * with `ERR_FREEHOLD_PINNED`.
   *
   * The caller owns the pin. Throws `ERR_FREEHOLD_USE_AFTER_FREE` when the block's memory is gone.
   */
  pin(): Pin {
    return pinView(allocatorOf(this, 'pin'), this);
  }

  /** Frees the block. Does nothing when its memory is not the allocator's any more. */
  [Symbol.dispose](): void {
    const owner = allocatorOf(this, '[Symbol.dispose]');
    if (owner.owns(this)) owner.free(this);
  }

  static {
    Object.setPrototypeOf(Block.prototype, Buffer.prototype as object);
    // What `map`, `filter` and the like make: ordinary Buffers, which have no allocator. Not by `Buffer` itself, which
    // warns that it is deprecated as a constructor, but by the class that node's own Buffers name. Defined here and not as a
    // static member: a computed one gives the class a slow map, and each `new Block` costs 150 ns instead of 20.
    const species: unknown = Reflect.get(Buffer, Symbol.species);
    Object.defineProperty(Block, Symbol.species, { configurable: true, get: () => species });
  }
}

/** The allocator behind the receiver of a method; what has none is no block. Asks the view itself, not its properties. */
function allocatorOf(value: unknown, member: string): Allocator {
  const buffer = value instanceof Block ? bufferOf(value) : undefined;
  const owner = buffer === undefined ? undefined : (viewOwnerOf(value as Block) ?? ownerOf(buffer));
  if (owner === undefined) throw noBlock(member);
  return owner;
}

function noBlock(member: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_RECEIVER',
    `Block.prototype.${member} was used on something that no allocator made`,
  );
}
