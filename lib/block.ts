import type { Allocator } from './allocator.ts';
import { bufferOf, isAttached } from './captured.ts';
import { FreeholdError } from './errors.ts';
import { ownerOf, viewOwnerOf } from './exposure.ts';
import { native } from './native.ts';
import { Pin, PinCount } from './pin.ts';

// TypeScript's view of what the prototype surgery below makes true: a Uint8Array constructor whose results are Buffers.
const BufferView = Uint8Array as unknown as {
  new (buffer: ArrayBuffer, byteOffset: number, byteLength: number): Buffer<ArrayBuffer>;
  readonly prototype: Buffer<ArrayBuffer>;
};

/** An allocator whose memory can be held against its end. */
interface Pinnable {
  pin(block: Block): Pin;
}

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
    const owner = allocatorOf(this, 'pin');
    if (!isAttached(this)) throw gone();
    // Orphaned memory is nobody's to end but the collector's: the block itself holds it.
    if (!owner.owns(this)) return new Pin(new PinCount());
    if (typeof (owner as Partial<Pinnable>).pin !== 'function') throw cannotPin();
    return (owner as Allocator & Pinnable).pin(this);
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

function gone(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    'the memory of this block is gone: its allocator was reset or disposed, or its buffer was transferred; promote() what must outlive it',
  );
}

function cannotPin(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    'the allocator of this block has no pin(): hold its memory by other means while native code works on it',
  );
}

function noBlock(member: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_RECEIVER',
    `Block.prototype.${member} was used on something that no allocator made`,
  );
}
