import { inspect } from 'node:util';

import type { Allocator } from '../allocator.ts';
import { FreeholdError } from '../errors.ts';
import { type LibraryMemoryHandle, native } from '../native.ts';
import { checkFlag, checkLimit, checkSize, disposedOf, readOptions, wrongReceiverOf } from '../validate.ts';
import type { CallbackOptions } from './callback-options.ts';

/** The figures of a library's memory. Sizes are bytes that may be used of blocks. */
export interface CallbackStats {
  /** Blocks that live; over an arena, of all libraries that allocate from it. */
  readonly liveBlocks: number;
  readonly liveBytes: number;
  /** The most that `liveBytes` ever was. */
  readonly peakBytes: number;
  /** Blocks that were ever made; one that grows counts again when it moves. */
  readonly blocks: number;
  readonly bytes: number;
  /** Allocations that got no memory. */
  readonly refused: number;
  /** Frees and reallocs of what was no live block; they did nothing. */
  readonly misused: number;
  /** Calls on another thread; they got no memory, and freed none. */
  readonly wrongThreads: number;
}

/** A block that a library has. */
export interface LibraryBlock {
  readonly address: bigint;
  /** Bytes that may be used of it. */
  readonly byteLength: number;
}

/** `malloc` and its kin, by the addresses of native functions. */
export interface PlainFunctions {
  readonly malloc: bigint;
  readonly calloc: bigint;
  readonly realloc: bigint;
  readonly free: bigint;
  readonly strdup: bigint;
}

/** The same with a context: each takes it as its first argument. */
export interface ContextFunctions {
  /** What to pass as the context. */
  readonly context: bigint;
  /** `void *malloc(void *context, size_t size)` */
  readonly malloc: bigint;
  /** `void *calloc(void *context, size_t count, size_t size)` */
  readonly calloc: bigint;
  /** `void *realloc(void *context, void *block, size_t size)` */
  readonly realloc: bigint;
  /** `void free(void *context, void *block)` */
  readonly free: bigint;
  /** `void *aligned_alloc(void *context, size_t alignment, size_t size)` */
  readonly alignedAlloc: bigint;
  /** `size_t malloc_usable_size(void *context, const void *block)` */
  readonly usableSize: bigint;
}

// Where the functions without a context stand in what the addon says.
const enum Plain {
  MALLOC = 0,
  CALLOC = 1,
  REALLOC = 2,
  FREE = 3,
  STRDUP = 4,
  SQLITE_MALLOC = 5,
  SQLITE_REALLOC = 6,
  SQLITE_SIZE = 7,
  SQLITE_ROUNDUP = 8,
  SQLITE_INIT = 9,
  SQLITE_SHUTDOWN = 10,
}

// Those with one.
const enum WithContext {
  MALLOC = 0,
  CALLOC = 1,
  REALLOC = 2,
  FREE = 3,
  ALIGNED_ALLOC = 4,
  USABLE_SIZE = 5,
  ZALLOC = 6,
  ZFREE = 7,
  LUA = 8,
}

/** Most blocks that {@link AllocatorCallbacks.leaks} lists when nothing else is said. */
const MOST_LEAKS = 1000;

/** What holds memory that C has pointers to: until it is disposed, or its allocator. */
const inUse = new Set<AllocatorCallbacks>();

/** All that are neither disposed themselves nor by their allocator. */
export function callbacksInUse(): Iterable<AllocatorCallbacks> {
  return inUse;
}

/** The functions of new memory. */
export let callbacksOf: (
  allocator: Allocator,
  handle: LibraryMemoryHandle,
  label: string,
  limitBytes: number,
) => AllocatorCallbacks;

/** Their allocator ends: whatever lives in them, they have no memory from now on. */
export let endCallbacks: (callbacks: AllocatorCallbacks) => void;

/** Those that an allocator has already, which are not made anew with other options. */
export function callbacksAgain(
  found: AllocatorCallbacks,
  options: CallbackOptions | undefined,
): AllocatorCallbacks {
  if (options === undefined) return found;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${found.toString()} exist already: set their limit or failAt, or dispose them first`,
  );
}

let made: LibraryMemoryHandle | null = null;

/**
 * An allocator as C libraries want it: native functions in the shapes that they ask for, by their addresses. They cost what
 * `malloc` does, call no JavaScript, and keep an account. Made by {@link Arena.callbacks} and {@link Heap.callbacks}.
 *
 * Blocks are aligned to 16. A call on another thread gets no memory, or does nothing; so does a free of what is no live block.
 * Both are counted. The functions are valid until `dispose()` of these or of the allocator, and keep it from being collected
 * until then.
 *
 * Over an arena, memory that a library frees can be used again at once when it was the last block, else after the reset. A
 * library that is dropped with its arena need not free anything.
 *
 * @example
 * ```ts
 * import { Heap } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new Heap();
 * using callbacks = heap.callbacks({ limitBytes: 1 << 20 });
 * const { context, malloc, free } = callbacks.withContext; // addresses, to hand to a library
 * assert.equal(typeof malloc, 'bigint');
 * assert.equal(callbacks.stats().liveBlocks, 0);
 * ```
 */
export class AllocatorCallbacks {
  readonly #allocator: Allocator;
  readonly #label: string;
  readonly #handle: LibraryMemoryHandle;
  #disposed = false;
  #limit: number;
  // Made when they are asked for: there are 128 sets of functions without a context in a process.
  #plain: bigint[] | null = null;
  #suite: BigUint64Array | null = null;
  #methods: BigUint64Array | null = null;

  /** @internal Programs get these from an allocator. */
  constructor(allocator: Allocator, label: string) {
    const handle = made;
    made = null;
    if (handle === null) {
      throw new FreeholdError(
        'ERR_FREEHOLD_INVALID_ARGUMENT',
        'callbacks are made by arena.callbacks() and heap.callbacks(), not by a constructor',
      );
    }
    this.#handle = handle;
    this.#allocator = allocator;
    this.#label = label;
    this.#limit = Infinity;
    inUse.add(this);
  }

  static {
    callbacksOf = (allocator, handle, label, limitBytes) => {
      made = handle;
      const callbacks = new AllocatorCallbacks(allocator, label);
      callbacks.#limit = limitBytes;
      return callbacks;
    };
    endCallbacks = (callbacks) => {
      callbacks.#end();
    };
  }

  /** The allocator behind them. */
  get allocator(): Allocator {
    return AllocatorCallbacks.#checked(this).#allocator;
  }

  /** Whether they, or their allocator, were disposed. */
  get disposed(): boolean {
    return AllocatorCallbacks.#checked(this).#disposed;
  }

  /** For libraries that pass a context to their allocation functions. */
  get withContext(): ContextFunctions {
    const callbacks = AllocatorCallbacks.#live(this);
    const at = native.contextFunctions();
    return {
      context: native.memoryContext(callbacks.#handle),
      malloc: at[WithContext.MALLOC],
      calloc: at[WithContext.CALLOC],
      realloc: at[WithContext.REALLOC],
      free: at[WithContext.FREE],
      alignedAlloc: at[WithContext.ALIGNED_ALLOC],
      usableSize: at[WithContext.USABLE_SIZE],
    };
  }

  /**
   * For libraries that pass none, as libxml2's `xmlMemSetup` or curl's `curl_global_init_mem`.
   *
   * @throws `ERR_FREEHOLD_LIMIT` when 128 others of this process have such functions.
   */
  get plain(): PlainFunctions {
    const at = AllocatorCallbacks.#live(this).#functions();
    return {
      malloc: at[Plain.MALLOC],
      calloc: at[Plain.CALLOC],
      realloc: at[Plain.REALLOC],
      free: at[Plain.FREE],
      strdup: at[Plain.STRDUP],
    };
  }

  /** zlib's `zalloc`, `zfree` and `opaque`, for a `z_stream`. */
  get zlib(): { readonly zalloc: bigint; readonly zfree: bigint; readonly opaque: bigint } {
    const callbacks = AllocatorCallbacks.#live(this);
    const at = native.contextFunctions();
    return {
      zalloc: at[WithContext.ZALLOC],
      zfree: at[WithContext.ZFREE],
      opaque: native.memoryContext(callbacks.#handle),
    };
  }

  /** Lua's `lua_Alloc` and its `ud`, for `lua_newstate`. */
  get lua(): { readonly alloc: bigint; readonly ud: bigint } {
    const callbacks = AllocatorCallbacks.#live(this);
    return { alloc: native.contextFunctions()[WithContext.LUA], ud: native.memoryContext(callbacks.#handle) };
  }

  /**
   * The address of an `XML_Memory_Handling_Suite` of expat, for `XML_ParserCreate_MM`.
   *
   * @throws as {@link AllocatorCallbacks.plain}.
   */
  get expat(): bigint {
    const callbacks = AllocatorCallbacks.#live(this);
    const at = callbacks.#functions();
    callbacks.#suite ??= wordsOf([at[Plain.MALLOC], at[Plain.REALLOC], at[Plain.FREE]]);
    return addressOfWords(callbacks.#suite);
  }

  /**
   * The address of a `sqlite3_mem_methods`, for `sqlite3_config(SQLITE_CONFIG_MALLOC, …)`. sqlite keeps using it until
   * `sqlite3_shutdown()`: dispose nothing before that.
   *
   * @throws as {@link AllocatorCallbacks.plain}.
   */
  get sqlite3(): bigint {
    const callbacks = AllocatorCallbacks.#live(this);
    const at = callbacks.#functions();
    callbacks.#methods ??= wordsOf([
      at[Plain.SQLITE_MALLOC],
      at[Plain.FREE],
      at[Plain.SQLITE_REALLOC],
      at[Plain.SQLITE_SIZE],
      at[Plain.SQLITE_ROUNDUP],
      at[Plain.SQLITE_INIT],
      at[Plain.SQLITE_SHUTDOWN],
      0n,
    ]);
    return addressOfWords(callbacks.#methods);
  }

  /** Bytes that may be live at once, or Infinity. A lower one ends no block. */
  get limit(): number {
    return AllocatorCallbacks.#checked(this).#limit;
  }

  set limit(bytes: number) {
    const limit = checkLimit(bytes, 'limit');
    const callbacks = AllocatorCallbacks.#live(this);
    native.memorySetLimit(callbacks.#handle, limit);
    callbacks.#limit = limit;
  }

  /** From now on the library's allocation of this number gets no memory, nor does any later one; 0 for none. For tests. */
  failAt(allocation: number): void {
    native.memoryFailAt(
      AllocatorCallbacks.#live(this).#handle,
      checkSize(allocation, 'the number of the allocation'),
    );
  }

  /** Figures of this moment; all zero after dispose. */
  stats(): CallbackStats {
    const callbacks = AllocatorCallbacks.#checked(this);
    const figures = callbacks.#disposed ? NOTHING : native.memoryStats(callbacks.#handle);
    const [liveBlocks, liveBytes, peakBytes, blocks, bytes, refused, misused, wrongThreads] =
      figures as Eight;
    return { liveBlocks, liveBytes, peakBytes, blocks, bytes, refused, misused, wrongThreads };
  }

  /** Blocks that live, at most so many: when the library has ended, what it has forgotten to free. */
  leaks(most: number = MOST_LEAKS): LibraryBlock[] {
    const listed = native.memoryLive(AllocatorCallbacks.#live(this).#handle, checkSize(most, 'most'));
    const blocks: LibraryBlock[] = [];
    for (let index = 0; index < listed.length; index += 2) {
      blocks.push({ address: listed[index] as bigint, byteLength: listed[index + 1] as number });
    }
    return blocks;
  }

  /** The bytes that may be used of the live block that begins at an address; 0 for any other address. */
  byteLengthAt(address: bigint): number {
    const callbacks = AllocatorCallbacks.#live(this);
    return typeof address === 'bigint' ? native.memoryBytes(callbacks.#handle, address) : 0;
  }

  /**
   * Ends them: a library that still calls them gets no memory. Blocks over a heap that the library has not freed would be lost
   * until the heap's end, and are an error, unless it is forced. Further calls do nothing.
   *
   * @throws `ERR_FREEHOLD_LEAK` when blocks over a heap live; nothing has changed then.
   */
  dispose(options?: { force?: boolean }): void {
    const callbacks = AllocatorCallbacks.#checked(this);
    const { force = false } = readOptions(options, ['force'], 'dispose');
    if (callbacks.#disposed) return;
    const { liveBlocks, liveBytes } = callbacks.stats();
    if (!checkFlag(force, 'force') && liveBlocks > 0 && callbacks.#allocator.stats().kind !== 'arena') {
      throw new FreeholdError(
        'ERR_FREEHOLD_LEAK',
        `${callbacks.toString()} have ${liveBlocks} live block(s) of ${liveBytes} bytes: the library has not freed them; leaks() lists them`,
      );
    }
    callbacks.#end();
  }

  /** The same as {@link AllocatorCallbacks.dispose}. */
  [Symbol.dispose](): void {
    AllocatorCallbacks.#checked(this).dispose();
  }

  /** What they are, for messages. */
  toString(): string {
    return `callbacks of ${AllocatorCallbacks.#checked(this).#label}`;
  }

  /** The figures, for logs. */
  toJSON(): CallbackStats {
    return AllocatorCallbacks.#checked(this).stats();
  }

  [inspect.custom](): string {
    const { liveBlocks, liveBytes } = AllocatorCallbacks.#checked(this).stats();
    const state = this.#disposed ? 'disposed' : `${liveBytes} bytes in ${liveBlocks} block(s)`;
    return `AllocatorCallbacks(${this.#label}) { ${state} }`;
  }

  static #checked(value: AllocatorCallbacks): AllocatorCallbacks {
    if (typeof value === 'object' && value !== null && #handle in value) return value;
    throw wrongReceiverOf('AllocatorCallbacks', value);
  }

  static #live(value: AllocatorCallbacks): AllocatorCallbacks {
    const callbacks = AllocatorCallbacks.#checked(value);
    if (callbacks.#disposed) throw disposedOf(callbacks.toString());
    return callbacks;
  }

  #functions(): bigint[] {
    this.#plain ??= native.memoryPlain(this.#handle) ?? null;
    if (this.#plain !== null) return this.#plain;
    throw new FreeholdError(
      'ERR_FREEHOLD_LIMIT',
      `${this.toString()} cannot have functions without a context: 128 others of this process have such; dispose some, or use those with a context`,
    );
  }

  #end(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    inUse.delete(this);
    native.endMemory(this.#handle);
  }
}

type Eight = [number, number, number, number, number, number, number, number];
const NOTHING: Eight = [0, 0, 0, 0, 0, 0, 0, 0];

/** Addresses as C reads them, in memory that does not move: a typed array of a length alone might. */
function wordsOf(addresses: readonly bigint[]): BigUint64Array {
  const words = new BigUint64Array(new ArrayBuffer(addresses.length * BigUint64Array.BYTES_PER_ELEMENT));
  for (let index = 0; index < addresses.length; index++) words[index] = addresses[index];
  return words;
}

function addressOfWords(words: BigUint64Array): bigint {
  return native.addressOf(words as unknown as Uint8Array) as bigint;
}
