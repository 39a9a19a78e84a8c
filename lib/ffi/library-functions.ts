import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import { FreeholdError } from '../errors.ts';
import { checkFunction, describe, readOptions } from '../validate.ts';
import { readCString } from './read-c-string.ts';

/** How {@link libraryFunctions} tell of errors. */
export interface LibraryFunctionsOptions {
  /**
   * Hears what went wrong in a call of the library's: nothing may be thrown into C. Default: the first is a process warning, and all
   * of them, up to 1,000, are kept in `errors`.
   */
  onError?: (error: Error) => void;
}

/**
 * `malloc` and its kin as functions of JavaScript's, for an FFI library to make callbacks of. Addresses are bigints or numbers, as
 * the FFI library hands them over, and bigints when they come back; 0n is NULL. None of them throws, and none needs a receiver.
 */
export interface LibraryFunctions {
  /** 0n when there is no memory. A size of 0 gives a block of one byte. */
  readonly malloc: (size: number | bigint) => bigint;
  /** The same, zeroed; 0n also for a product that is larger than any memory. */
  readonly calloc: (count: number | bigint, size: number | bigint) => bigint;
  /** 0n when there is no memory, or no live block at the address: nothing has changed then. */
  readonly realloc: (address: number | bigint, size: number | bigint) => bigint;
  /** What is no live block is an error, and stays as it is. 0 is fine. */
  readonly free: (address: number | bigint) => void;
  /**
   * A copy of the bytes at an address, up to 1 GiB, and of the NUL behind them; or, where the FFI library has made a string of them,
   * of that as UTF-8. 0n when there is no memory, and for what cannot be read.
   */
  readonly strdup: (text: number | bigint | string) => bigint;
  /** Blocks that the library has, and their bytes as it asked for them. */
  readonly liveBlocks: number;
  readonly liveBytes: number;
  /** Allocations that got no memory: that is no error, the library hears of it. */
  readonly refused: number;
  /** What went wrong so far; empty when `onError` hears of it. */
  readonly errors: readonly Error[];
  /** The live block that begins at an address; undefined where none does. It stays the library's. */
  readonly blockAt: (address: number | bigint) => Block | undefined;
}

/** What `malloc` promises: the alignment of every type of C. */
const ALIGNMENT = 16;
/** Blocks that were freed, and are known until an address is used again or so many others were freed. */
const MOST_FREED = 4096;
const MOST_ERRORS = 1000;
const LONGEST_TEXT = 2 ** 30;
const NULL = 0n;

const NO_MEMORY: ReadonlySet<string> = new Set([
  'ERR_FREEHOLD_OUT_OF_MEMORY',
  'ERR_FREEHOLD_LIMIT',
  'ERR_FREEHOLD_STACK_OVERFLOW',
]);

/**
 * Functions with which a C library allocates from any allocator: a heap with `tracking`, `limited` or `failing` around it, or in
 * debug mode, so that a leak, a second free, an overflow or a use after free by the library is found, with the JavaScript stack of
 * the allocation. Every call goes through JavaScript, which takes a thousand times as long as `heap.callbacks()`: for tests.
 *
 * The library has its blocks until it frees them; they are kept alive until then. Sizes are what it asks for, to the byte. The
 * allocator must outlive the library's use of them, and so must the callbacks that the FFI library makes. Nothing may be called on
 * another thread.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense.
 *
 * @example
 * ```ts
 * import { Heap, tracking } from 'freehold';
 * import { libraryFunctions } from 'freehold/ffi';
 * import assert from 'node:assert';
 *
 * using heap = tracking(new Heap(), { onLeak: 'ignore' });
 * const { malloc, realloc, free } = libraryFunctions(heap);
 * const address = realloc(malloc(10), 100); // as C would
 * assert.equal(heap.leaks()[0].bytes, 100);
 * free(address);
 * assert.deepEqual(heap.leaks(), []);
 * ```
 */
export function libraryFunctions(allocator: Allocator, options?: LibraryFunctionsOptions): LibraryFunctions {
  const { onError } = readOptions(options, ['onError'], 'libraryFunctions');
  if (onError !== undefined) checkFunction(onError, 'onError');
  return new LibraryBlocks(allocator, onError);
}

class LibraryBlocks implements LibraryFunctions {
  readonly #allocator: Allocator;
  readonly #onError: ((error: Error) => void) | undefined;
  readonly #live = new Map<bigint, Block>();
  // In the order in which they were freed.
  readonly #freed = new Map<bigint, Block>();
  readonly #errors: Error[] = [];
  #liveBytes = 0;
  #refused = 0;

  constructor(allocator: Allocator, onError: ((error: Error) => void) | undefined) {
    this.#allocator = allocator;
    this.#onError = onError;
  }

  readonly malloc = (size: number | bigint): bigint =>
    this.#guarded(() => this.#granted(this.#allocator.allocUnsafe(sizeOf(size), ALIGNMENT)), NULL);

  readonly calloc = (count: number | bigint, size: number | bigint): bigint =>
    this.#guarded(
      () => this.#granted(this.#allocator.alloc(sizeOf(BigInt(count) * BigInt(size)), ALIGNMENT)),
      NULL,
    );

  readonly realloc = (address: number | bigint, size: number | bigint): bigint => {
    if (address === 0 || address === NULL) return this.malloc(size);
    return this.#guarded(() => {
      const place = BigInt(address);
      const block = this.#blockAt(place, 'realloc');
      const before = block.length; // 0 afterwards, where its views end
      const moved = this.#allocator.realloc(block, sizeOf(size));
      // eslint-disable-next-line freehold/no-use-after-free -- remembered by its identity, not used
      this.#ended(place, block, before);
      return this.#granted(moved);
    }, NULL);
  };

  readonly free = (address: number | bigint): void => {
    if (address === 0 || address === NULL) return;
    this.#guarded(() => {
      const place = BigInt(address);
      const block = this.#blockAt(place, 'free');
      const before = block.length;
      try {
        this.#allocator.free(block);
      } catch (error) {
        // Pinned or borrowed, it lives on. Where it was found damaged, it is gone.
        if (!this.#allocator.owns(block)) this.#ended(place, block, before);
        throw error;
      }
      // eslint-disable-next-line freehold/no-use-after-free -- remembered by its identity, not used
      this.#ended(place, block, before);
    }, undefined);
  };

  readonly strdup = (text: number | bigint | string): bigint =>
    this.#guarded(() => {
      const bytes =
        typeof text === 'string'
          ? Buffer.from(text)
          : Buffer.from(readCString(BigInt(text), { encoding: 'latin1', maxBytes: LONGEST_TEXT }), 'latin1');
      const block = this.#allocator.allocUnsafe(bytes.length + 1, ALIGNMENT);
      block.set(bytes);
      block[bytes.length] = 0;
      return this.#granted(block);
    }, NULL);

  readonly blockAt = (address: number | bigint): Block | undefined =>
    this.#guarded(() => this.#live.get(BigInt(address)), undefined);

  get liveBlocks(): number {
    return this.#live.size;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  get refused(): number {
    return this.#refused;
  }

  get errors(): readonly Error[] {
    return [...this.#errors];
  }

  #granted(block: Block): bigint {
    const { address } = block;
    this.#live.set(address, block);
    this.#freed.delete(address);
    this.#liveBytes += block.length;
    return address;
  }

  #ended(address: bigint, block: Block, bytes: number): void {
    this.#live.delete(address);
    this.#liveBytes -= bytes;
    this.#freed.set(address, block);
    if (this.#freed.size <= MOST_FREED) return;
    for (const oldest of this.#freed.keys()) {
      this.#freed.delete(oldest);
      return;
    }
  }

  /** The live block of an address. One that was freed is the allocator's to complain about: it knows more of it. */
  #blockAt(address: bigint, action: 'free' | 'realloc'): Block {
    const block = this.#live.get(address);
    if (block !== undefined) return block;
    const former = this.#freed.get(address);
    if (former !== undefined) {
      // Unless another has that memory now.
      if (!this.#allocator.owns(former)) this.#allocator.free(former);
      throw new FreeholdError(
        'ERR_FREEHOLD_DOUBLE_FREE',
        `${action} of 0x${address.toString(16)} by a library: it has freed this block before`,
      );
    }
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_FREE',
      `${action} of 0x${address.toString(16)} by a library: none of its blocks begins there`,
    );
  }

  /** Runs a call of C's, into which nothing may be thrown. */
  #guarded<T>(call: () => T, otherwise: T): T {
    try {
      return call();
    } catch (error) {
      this.#tell(error);
      return otherwise;
    }
  }

  #tell(error: unknown): void {
    if (error instanceof FreeholdError && NO_MEMORY.has(error.code)) {
      this.#refused++;
      return;
    }
    const told = error instanceof Error ? error : new TypeError(`a library passed ${describe(error)}`);
    try {
      if (this.#onError !== undefined) {
        this.#onError(told);
        return;
      }
    } catch (thrown) {
      this.#keep(thrown instanceof Error ? thrown : new TypeError(`onError threw ${describe(thrown)}`));
    }
    this.#keep(told);
  }

  #keep(error: Error): void {
    if (this.#errors.length === 0) process.emitWarning(error);
    if (this.#errors.length < MOST_ERRORS) this.#errors.push(error);
  }
}

/** Bytes of a block for a size that C asks for: what no number can be exact about is more than there is. */
function sizeOf(size: number | bigint): number {
  const bytes = Number(size);
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes === 0 ? 1 : bytes;
  throw new FreeholdError('ERR_FREEHOLD_OUT_OF_MEMORY', `a library asks for ${size} bytes`);
}
