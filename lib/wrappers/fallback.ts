import type { Allocator, AllocatorStats } from '../allocator.ts';
import type { Block } from '../block.ts';
import { bufferOf, byteLengthOf, byteOffsetOf, min, setBytes } from '../captured.ts';
import { FreeholdError } from '../errors.ts';
import { isLeak, isRefusal } from './errors.ts';
import { isBlockOf } from './inner-result.ts';
import { Layer, type WrapperStats } from './layer.ts';
import { type WrapperOptions, checkAllocator, nameOf, readWrapperOptions, settle } from './options.ts';
import type { BlockRecord } from './record.ts';
import { Wrapper } from './wrapper.ts';

/** What a fallback says of itself. Its bytes are the sums of both; `inner` is `first`. */
export interface FallbackStats extends WrapperStats {
  /** What the first allocator says of itself. */
  readonly first: AllocatorStats;
  /** What the second allocator says of itself. */
  readonly second: AllocatorStats;
}

/**
 * Up to here `allocUnsafe` asks the first allocator by `tryAlloc`, whose zeroing costs at most 1 us. Above, it is cheaper to
 * catch what `allocUnsafe` throws, which costs about 4 us.
 */
const ZEROED_UP_TO = 16 * 1024;

class FallbackLayer extends Layer {
  readonly kind = 'fallback';
  readonly second: Allocator;
  // Which of the two the last block came from.
  #latest: Allocator;

  constructor(first: Allocator, second: Allocator, name: string) {
    super(first, name);
    this.second = second;
    this.#latest = first;
  }

  override alloc(size: number, alignment: number | undefined): unknown {
    const block = this.inner.tryAlloc(size, alignment);
    if (block !== null) return this.#from(this.inner, block);
    try {
      return this.#from(this.second, this.second.alloc(size, alignment));
    } catch (error) {
      throw this.#neither(size, this.#gaveNull(size), error);
    }
  }

  override allocUnsafe(size: number, alignment: number | undefined): unknown {
    let refusal: unknown;
    if (size <= ZEROED_UP_TO) {
      const block = this.inner.tryAlloc(size, alignment);
      if (block !== null) return this.#from(this.inner, block);
    } else {
      try {
        return this.#from(this.inner, this.inner.allocUnsafe(size, alignment));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refusal = error;
      }
    }
    try {
      return this.#from(this.second, this.second.allocUnsafe(size, alignment));
    } catch (error) {
      throw this.#neither(size, refusal ?? this.#gaveNull(size), error);
    }
  }

  override tryAlloc(size: number, alignment: number | undefined): unknown {
    const block = this.inner.tryAlloc(size, alignment);
    if (block !== null) return this.#from(this.inner, block);
    return this.#from(this.second, this.second.tryAlloc(size, alignment));
  }

  /** In the allocator that has the block, or else by a move to the other. */
  override realloc(block: Block, size: number, record: BlockRecord): unknown {
    const { source } = record;
    try {
      return this.#from(source, source.realloc(block, size));
    } catch (refusal) {
      if (!isRefusal(refusal)) throw refusal;
      const other = source === this.inner ? this.second : this.inner;
      let moved: Block;
      try {
        moved = other.alloc(size);
      } catch (error) {
        throw this.#neither(size, refusal, error);
      }
      if (!isBlockOf(moved, size)) return moved; // Which the wrapper refuses.
      // eslint-disable-next-line freehold/no-use-after-free -- what was refused has left the block as it was
      return this.#move(block, source, moved, other);
    }
  }

  #move(block: Block, source: Allocator, moved: Block, other: Allocator): Block {
    const kept = min(byteLengthOf(block), byteLengthOf(moved));
    try {
      setBytes(moved, new Uint8Array(bufferOf(block) as ArrayBuffer, byteOffsetOf(block), kept));
      source.free(block);
    } catch (error) {
      other.free(moved); // All as before.
      throw error;
    }
    this.#latest = other;
    return moved;
  }

  override source(): Allocator {
    return this.#latest;
  }

  override ownsUnknown(view: ArrayBufferView): boolean {
    return this.inner.owns(view) || this.second.owns(view);
  }

  override freeUnknown(view: ArrayBufferView): boolean {
    if (!ArrayBuffer.isView(view)) return false;
    for (const each of [this.inner, this.second]) {
      if (!each.owns(view)) continue;
      each.free(view);
      return true;
    }
    return false;
  }

  override disposeInner(): void {
    let leak: FreeholdError | undefined;
    try {
      this.second[Symbol.dispose]();
    } catch (error) {
      if (!isLeak(error)) throw error;
      leak = error;
    }
    if (this.second !== this.inner) this.inner[Symbol.dispose]();
    if (leak !== undefined) throw leak;
  }

  override stats(): FallbackStats {
    const first = this.inner.stats();
    const second = this.second.stats();
    return {
      kind: this.kind,
      name: this.name,
      bytesUsed: first.bytesUsed + second.bytesUsed,
      bytesReserved: first.bytesReserved + second.bytesReserved,
      bytesPeak: first.bytesPeak + second.bytesPeak,
      inner: first,
      first,
      second,
    };
  }

  override summary(): string {
    return `${nameOf(this.inner)}, then ${nameOf(this.second)}`;
  }

  #from(allocator: Allocator, block: unknown): unknown {
    this.#latest = allocator;
    return block;
  }

  #gaveNull(size: number): FreeholdError {
    return new FreeholdError('ERR_FREEHOLD_OUT_OF_MEMORY', `"${nameOf(this.inner)}" has no ${size} bytes`);
  }

  /** What both said; other errors than refusals stay what they are. */
  #neither(size: number, first: unknown, second: unknown): unknown {
    if (!isRefusal(second)) return second;
    return new FreeholdError(
      second.code,
      `neither "${nameOf(this.inner)}" nor "${nameOf(this.second)}" has ${size} bytes; \`cause.errors\` says why`,
      { cause: new AggregateError([first, second], 'both allocators of a fallback refused') },
    );
  }
}

/** An allocator that asks a second one when the first refuses; see {@link fallback}. */
export class FallbackAllocator extends Wrapper<FallbackStats> {
  /** The same as {@link fallback}. */
  constructor(first: Allocator, second: Allocator, options?: WrapperOptions) {
    checkAllocator(first, 'the first allocator of fallback()');
    checkAllocator(second, 'the second allocator of fallback()');
    const names = `${nameOf(first)}, ${nameOf(second)}`;
    const { name, disposeInner } = settle('fallback', names, readWrapperOptions(options, 'fallback'));
    super(new FallbackLayer(first, second, name), disposeInner);
  }
}

/**
 * Asks `first`, and `second` when `first` refuses (`ERR_FREEHOLD_OUT_OF_MEMORY`, `_LIMIT`, `_STACK_OVERFLOW`): scratch
 * memory that is soon full, say, before the memory of the request. Each block goes back to the allocator that it came from;
 * `realloc` moves it to the other one when its own has no room. `free` also takes what either owns although it did not come
 * through the fallback.
 *
 * When both refuse, the error has the code of the second, and `cause.errors` what each said.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no allocator.
 *
 * @example
 * ```ts
 * import { Arena, fallback } from 'freehold';
 * import assert from 'node:assert';
 *
 * using scratch = new Arena({ limitBytes: 4096 });
 * using arena = new Arena();
 * const either = fallback(scratch, arena);
 * const small = either.alloc(1000);
 * const large = either.alloc(100_000);
 * assert(scratch.owns(small) && arena.owns(large));
 * ```
 */
export function fallback(first: Allocator, second: Allocator, options?: WrapperOptions): FallbackAllocator {
  return new FallbackAllocator(first, second, options);
}
