import { inspect, types } from 'node:util';

import type { Allocator } from './allocator.ts';
import * as errors from './arena-errors.ts';
import {
  type ArenaOptions,
  type ArenaSettings,
  type DisposeOptions,
  type ResetMode,
  type ResetOptions,
  largestKept,
  readArenaOptions,
  readResetOptions,
  retainPolicy,
} from './arena-options.ts';
import type { ArenaStats } from './arena-stats.ts';
import { BlockAllocator } from './block-allocator.ts';
import { Block } from './block.ts';
import {
  bufferLengthOf,
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  fill,
  max,
  min,
  setBytes,
} from './captured.ts';
import { type ArenaControl, NATIVE_AHEAD, NO_ROOM, Word } from './control.ts';
import type { FreeholdError } from './errors.ts';
import { arenaReset } from './events.ts';
import { MIN_ALIGNMENT, alignUp, setBack, zeroAhead } from './cursor.ts';
import { ownerOf } from './exposure.ts';
import { type CallbackOptions, readCallbackOptions } from './ffi/callback-options.ts';
import { type AllocatorCallbacks, callbacksAgain, callbacksOf, endCallbacks } from './ffi/callbacks.ts';
import { ArenaMark, dropMark, endMarks, markPosition, reachesMark } from './mark.ts';
import { type ArenaHandle, Status, native } from './native.ts';
import { Pin, PinCount } from './pin.ts';
import { promote } from './promote.ts';
import { RecycledViews } from './recycled-views.ts';
import { refusals } from './refusals.ts';
import { Segments } from './segments.ts';
import {
  LARGEST_BLOCK,
  checkAlignment,
  checkFunction,
  checkLimit,
  checkSize,
  disposedOf,
} from './validate.ts';

/** What chunks begin at multiples of, in bytes. */
const PAGE = 4096;
/** The alignment of blocks when none is asked for, in bytes. */
const DEFAULT_ALIGNMENT = 16;

/**
 * A new arena in the place of another, for pools: it takes over the memory, the settings and the limit that the other
 * was made with. The other is disposed from then on, so that whoever still holds it cannot reach into what comes next;
 * its blocks live until the new arena is reset, which is the caller's to do at once.
 *
 * Throws `ERR_FREEHOLD_DISPOSED` when the other is disposed already.
 */
export let succeed: (predecessor: Arena) => Arena;

/** What becomes of an arena's views when nothing else is said. */
export let resetModeOf: (arena: Arena) => ResetMode;

/** Single figures of {@link Arena.stats}, without asking the core for the others: servers look at each request's end. */
export let pinsOf: (arena: Arena) => number;
export let resetsOf: (arena: Arena) => number;
export let orphaningsOf: (arena: Arena) => number;

/** The bytes that an arena holds when it has just been reset: of its one chunk, or 0. */
export let keptBytesOf: (arena: Arena) => number;

/** An allocator that an arena works for: its blocks name that one, and it words the refusals. */
export interface ArenaFace {
  readonly allocator: Allocator;
  refused(byteLength: number): FreeholdError;
}

/** A new arena behind another allocator. */
export let arenaBehind: (face: ArenaFace, options: ArenaOptions) => Arena;

// By a name of this module: what is exported elsewhere is looked up at each use.
const View = Block;
const NOTHING = new ArrayBuffer(0);
const EMPTY = new Block(NOTHING, 0, 0);

/**
 * Memory whose blocks all end together. A block costs an addition and a comparison, and ending them all costs about a
 * microsecond, however many there are.
 *
 * After `reset()` or dispose every view of the arena's memory has length 0 (see {@link ResetMode} for other choices).
 * An arena that is dropped without dispose is freed by the garbage collector once no view of it is left.
 * It belongs to the thread that made it.
 *
 * @example
 * ```ts
 * import { Arena } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * const header = arena.alloc(16);
 * const body = arena.copy(Buffer.from('hello'));
 * assert.equal(body.toString(), 'hello');
 * arena.reset();
 * assert.equal(header.length + body.length, 0);
 * ```
 */
export class Arena extends BlockAllocator {
  // The words that this file and the core both move.
  #control: ArenaControl;
  // `Word.END`, as it was after the last native call: a field is read 0.5 ns faster than a word, because V8 checks
  // typed arrays for detached buffers once a program has detached any.
  #end = NO_ROOM;
  // The ArrayBuffer of the current segment.
  #buffer: ArrayBuffer = NOTHING;
  // A view of all of it: for zeroing, and because its first byte, which is undefined then, says whether the buffer is still
  // attached. Its length would too, and is converted to a double and back for it. To make the block and catch what that
  // throws instead costs 10 ns: V8 does not inline constructors inside of `try`.
  #segment: Block = EMPTY;
  // The views of it that may be handed out again; null in other modes than `'reuse'`.
  #recycled: RecycledViews | null = null;
  // All segments, and which of them is current: -1 for none.
  readonly #segments: Segments;
  #current = -1;
  // A change of the segments has begun and not ended: a stack overflow, or a timeout of `node:vm`, left it in the middle.
  #changing = false;
  // Views may exist although the cursor is 0: bytes were given back, or `buffer` was read.
  #exposed = false;
  // Blocks of no length may stand in the current segment although the cursor is 0.
  #hollow = false;
  #handle: ArenaHandle | null;
  #pins = new PinCount();
  #epoch = 0;
  #latestMark: ArenaMark | null = null;
  #rewindTo: ((mark: ArenaMark) => void) | null = null;
  #resets = 0;
  // Made when they are asked for, and kept so that a second request costs no memory.
  #callbacks: AllocatorCallbacks | null = null;
  #isKnownToC = false;
  // The largest chunk that a plain reset keeps, in bytes; -1 when it keeps none. And whether it ends views.
  readonly #keepUpTo: number;
  readonly #detaches: boolean;
  readonly #settings: ArenaSettings;
  // The allocator that programs see and blocks name: this one, unless it stands behind another.
  readonly #owner: Allocator;
  readonly #face: ArenaFace | null;
  #limit: number;

  /**
   * An arena without memory: the first chunk comes with the first block.
   *
   * @throws `ERR_FREEHOLD_INVALID_SIZE` or `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense.
   */
  constructor(options?: ArenaOptions) {
    super();
    const predecessor = Arena.#predecessor;
    Arena.#predecessor = null;
    const face = Arena.#nextFace;
    Arena.#nextFace = null;
    const settings = predecessor === null ? readArenaOptions(options) : predecessor.#settings;
    const handle =
      predecessor === null
        ? native.createArena(settings.initialBytes, settings.maxChunkBytes, settings.limitBytes)
        : Arena.#live(predecessor);
    if (handle === undefined) throw errors.outOfMemory(settings.name, 0);
    this.#settings = settings;
    this.#limit = settings.limitBytes;
    this.#handle = handle;
    this.#control = predecessor === null ? native.arenaControl(handle) : predecessor.#control;
    this.#face = face;
    this.#owner = face === null ? this : face.allocator;
    this.#segments = new Segments(
      this.#owner,
      handle,
      predecessor === null ? undefined : predecessor.#segments,
    );
    this.#detaches = settings.reset === 'detach';
    this.#keepUpTo = settings.reset === 'orphan' ? -1 : largestKept(settings.retain);
  }

  static {
    resetModeOf = (arena) => arena.#settings.reset;
    pinsOf = (arena) => arena.#pins.count;
    resetsOf = (arena) => arena.#resets;
    orphaningsOf = (arena) => arena.#segments.orphanings;
    keptBytesOf = (arena) => (arena.#segments.count === 0 ? 0 : arena.#control[Word.CAPACITY]);

    succeed = (predecessor) => {
      Arena.#live(predecessor);
      Arena.#predecessor = predecessor;
      const heir = new Arena();
      heir.#takeOver(predecessor);
      return heir;
    };

    arenaBehind = (face, options) => {
      Arena.#nextFace = face;
      return new Arena(options);
    };
  }

  /** The name given to the arena. */
  get name(): string {
    return Arena.#checked(this).#settings.name;
  }

  /** Whether the arena was disposed. */
  get disposed(): boolean {
    return Arena.#checked(this).#handle === null;
  }

  /** Bytes handed out since the last reset, padding included. */
  get used(): number {
    const handle = Arena.#checked(this).#handle;
    return handle === null ? 0 : native.used(handle);
  }

  /** The most bytes that may be handed out between two resets, or Infinity. Lowering it ends no block. */
  get limit(): number {
    return Arena.#checked(this).#limit;
  }

  set limit(bytes: number) {
    const limit = checkLimit(bytes, 'limit');
    const handle = Arena.#live(this);
    native.setLimit(handle, limit);
    this.#end = this.#control[Word.END];
    this.#limit = limit;
  }

  /**
   * The ArrayBuffer that the offsets of {@link Arena.bump} refer to. Another one after a chunk is full, a mark, a
   * rewind or a reset: read it after each `bump`. Valid until the next reset. Bytes that were not bumped are not yours.
   */
  get buffer(): ArrayBuffer {
    Arena.#live(this);
    this.#exposed = true;
    return this.#buffer;
  }

  /**
   * A block of `byteLength` zeroed bytes (0 to 2^53-1) at a multiple of `alignment` (a power of two up to 2 MiB).
   * Valid until the next reset.
   *
   * @throws `ERR_FREEHOLD_OUT_OF_MEMORY`, `ERR_FREEHOLD_LIMIT`, `ERR_FREEHOLD_INVALID_SIZE`,
   * `ERR_FREEHOLD_INVALID_ALIGNMENT`, `ERR_FREEHOLD_DISPOSED`.
   */
  alloc(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): Block {
    if (typeof this !== 'object' || this === null || !(#control in this)) throw errors.wrongReceiver(this);
    const control = this.#control;
    const start = (control[Word.CURSOR] + 15) & -16;
    if (
      alignment === DEFAULT_ALIGNMENT &&
      typeof byteLength === 'number' &&
      (byteLength | 0) === byteLength &&
      byteLength > 0
    ) {
      const end = start + byteLength;
      if (end <= this.#end && (this.#segment[0] as number | undefined) !== undefined) {
        if (end > control[Word.ZEROED]) zeroAhead(control, this.#segment, start, end);
        control[Word.CURSOR] = end;
        const recycled = this.#recycled;
        return recycled === null
          ? new View(this.#buffer, start, byteLength)
          : recycled.take(start, byteLength);
      }
    }
    return this.#allocSlow(byteLength, alignment, true);
  }

  /**
   * Like {@link Arena.alloc} without zeroing: the bytes are whatever this process left there. Valid until the next
   * reset.
   */
  allocUnsafe(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): Block {
    // The shape of this function is the speed of the package: a handful of loads and compares, and the view.
    if (typeof this !== 'object' || this === null || !(#control in this)) throw errors.wrongReceiver(this);
    const control = this.#control;
    const start = (control[Word.CURSOR] + 15) & -16;
    if (
      alignment === DEFAULT_ALIGNMENT &&
      typeof byteLength === 'number' &&
      (byteLength | 0) === byteLength &&
      byteLength > 0
    ) {
      const end = start + byteLength;
      if (end <= this.#end && (this.#segment[0] as number | undefined) !== undefined) {
        control[Word.CURSOR] = end;
        const recycled = this.#recycled;
        return recycled === null
          ? new View(this.#buffer, start, byteLength)
          : recycled.take(start, byteLength);
      }
    }
    return this.#allocSlow(byteLength, alignment, false);
  }

  /**
   * Like {@link Arena.alloc}, but null when memory or the limit is used up.
   *
   * @throws for arguments that are wrong, and `ERR_FREEHOLD_DISPOSED`.
   */
  tryAlloc(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): Block | null {
    Arena.#live(this);
    const size = checkSize(byteLength);
    const refusal = this.#makeRoom(size, checkAlignment(alignment), false);
    if (refusal === Status.OK) return this.#take(size, alignment, true);
    if (refusal === Status.OUT_OF_MEMORY || refusal === Status.LIMIT) return null;
    throw this.#refused(refusal, size);
  }

  /**
   * `byteLength` bytes without a view: their offset in {@link Arena.buffer}, which must be read afterwards, for code
   * that works with offsets. Not zeroed. At most 1 GiB. Valid until the next reset.
   *
   * @throws as {@link Arena.alloc}.
   *
   * @example
   * ```ts
   * import { Arena } from 'freehold';
   * import assert from 'node:assert';
   *
   * using arena = new Arena({ initialBytes: 1 << 20, reset: 'reuse' });
   * const first = arena.bump(8, 8);
   * const words = new Float64Array(arena.buffer);
   * words[first / 8] = Math.PI;
   * assert.equal(words[first / 8], Math.PI);
   * ```
   */
  bump(byteLength: number, alignment: number = DEFAULT_ALIGNMENT): number {
    if (typeof this !== 'object' || this === null || !(#control in this)) throw errors.wrongReceiver(this);
    const control = this.#control;
    const start = (control[Word.CURSOR] + 15) & -16;
    if (
      alignment === DEFAULT_ALIGNMENT &&
      typeof byteLength === 'number' &&
      (byteLength | 0) === byteLength &&
      byteLength >= 0
    ) {
      const end = start + byteLength;
      if (end <= this.#end) {
        control[Word.CURSOR] = end;
        return start;
      }
    }
    return this.#bumpSlow(byteLength, alignment);
  }

  /**
   * A block of `byteLength` bytes that begins with the bytes of `block`; what is added is zeroed. The arena's last block
   * grows and shrinks in place. `block` must not be used any more. Valid until the next reset.
   *
   * @throws as {@link Arena.alloc} (then `block` is as it was), and as {@link Arena.free} for a block that is not live.
   */
  realloc(block: Block, byteLength: number): Block {
    Arena.#live(this);
    const size = checkSize(byteLength);
    const offset = this.#checkLive(block);
    const oldSize = byteLengthOf(block);
    const control = this.#control;
    const end = offset + size;
    if (this.#isLast(block, offset, oldSize) && end <= this.#end) {
      if (size > oldSize) {
        if (end > control[Word.ZEROED]) zeroAhead(control, this.#segment, offset + oldSize, end);
        control[Word.CURSOR] = end;
      } else if (this.#pins.count === 0 && !this.#holdsNative(Arena.#live(this), end)) {
        this.#giveBack(end);
        if (size === 0) this.#hollow = true;
      }
      return new Block(this.#buffer, offset, size);
    }
    // Zeroed by the arena, which knows what is zero already: gigabytes of fresh pages are not touched.
    const bigger = this.alloc(size);
    setBytes(bigger, new Uint8Array(bufferOf(block) as ArrayBuffer, offset, min(size, oldSize)));
    return bigger;
  }

  /**
   * Gives the bytes of the arena's last block back, unless memory is pinned; the bytes of any other block, and of typed
   * arrays, stay taken until the next reset. The view stays valid until then, but its bytes may become another block's.
   *
   * @throws `ERR_FREEHOLD_INVALID_FREE` for a block of another allocator, `ERR_FREEHOLD_USE_AFTER_FREE` for one that a
   * reset ended, `ERR_FREEHOLD_DOUBLE_FREE` for one whose bytes were given back before.
   */
  free(block: ArrayBufferView): void {
    Arena.#live(this);
    if (this.#isArray(block)) return; // Its bytes stay taken: nothing tells it from a view of a part of a block.
    const offset = this.#checkLive(block);
    const size = byteLengthOf(block);
    // Under a pin native code may still write to it.
    if (this.#pins.count !== 0 || !this.#isLast(block, offset, size) || this.#end < 0) return;
    if (!this.#holdsNative(Arena.#live(this), offset)) this.#giveBack(offset);
  }

  /**
   * A copy of a block that outlives this arena's reset: in the allocator `to`, which owns it, or, without `to`, as an
   * ordinary Buffer that belongs to the garbage collector.
   *
   * @example
   * ```ts
   * import { Arena } from 'freehold';
   * import assert from 'node:assert';
   *
   * using session = new Arena();
   * using request = new Arena();
   * const token = request.promote(request.string('abc'), session);
   * request.reset();
   * assert.equal(token.toString(), 'abc');
   * ```
   */
  promote(block: Block): Buffer;
  promote(block: Block, to: Allocator): Block;
  promote(block: Block, to?: Allocator): Block | Buffer {
    Arena.#live(this);
    this.#checkLive(block);
    return promote(block, to);
  }

  /**
   * Remembers how far the arena is used, to go back to with {@link Arena.rewind}. In mode `'detach'` the blocks that
   * follow are shown by an ArrayBuffer of their own, so that a rewind ends them and not what was there before.
   */
  mark(): ArenaMark {
    const handle = Arena.#live(this);
    const control = this.#control;
    const { count } = this.#segments;
    const cursor = control[Word.CURSOR];
    // An empty segment is as good as one of its own: a loop of marks and rewinds opens no more.
    const empty =
      this.#detaches && cursor === 0 && !this.#hollow && this.#current >= 0 && this.#current === count - 1;
    const position = empty
      ? { epoch: this.#epoch, ...this.#segments.endOf(count - 1) }
      : { epoch: this.#epoch, segments: count, current: this.#current, cursor };
    if (this.#detaches && this.#current >= 0 && !empty) {
      native.seal(handle);
      this.#end = NO_ROOM;
    }
    return (this.#latestMark = new ArenaMark(
      position,
      this.#latestMark,
      (this.#rewindTo ??= this.#rewinder()),
    ));
  }

  #rewinder(): (mark: ArenaMark) => void {
    return (mark) => {
      this.rewind(mark);
      this.#latestMark = dropMark(mark);
    };
  }

  /**
   * Ends every block since `mark`, as a reset ends all: in mode `'detach'` their views die, in mode `'reuse'` their bytes
   * are used again, in mode `'orphan'` they stay valid and their bytes stay taken until the reset.
   *
   * @throws `ERR_FREEHOLD_STALE_MARK` for a mark that a reset or an earlier rewind ended, `ERR_FREEHOLD_PINNED` when
   * memory is pinned; nothing has changed then.
   */
  rewind(mark: ArenaMark): void {
    const handle = Arena.#live(this);
    const position = markPosition(mark);
    if (position === undefined || position.epoch !== this.#epoch || !this.#hasMark(mark))
      throw errors.staleMark(this.#settings.name);
    const mode = this.#modeUnderPins(this.#settings.reset, this.#settings.whenPinned, 'rewind');
    endMarks(this.#latestMark, mark);
    this.#latestMark = mark;
    if (mode === 'orphan') return;
    const control = this.#control;
    this.#beginChange();
    const { segments, current, cursor } = this.#segments.endSince(position, mode);
    // Blocks of native code are ended by the core.
    if (
      segments === this.#segments.count &&
      current === this.#current &&
      !(this.#current >= 0 && this.#holdsNative(handle, cursor))
    ) {
      if (cursor < control[Word.CURSOR]) this.#giveBack(cursor);
    } else {
      const status = native.rewind(handle, segments, max(current, 0), cursor);
      if (status !== Status.OK) throw errors.corrupted(this.#settings.name);
      this.#segments.truncate(segments);
      this.#exposed = true;
      // What follows must end with the next rewind to the mark: not in a segment from before it.
      if (this.#detaches && current >= 0 && current < position.segments) native.seal(handle);
    }
    this.#enter(current);
    this.#changing = false;
  }

  /**
   * Ends every block, about a microsecond for one chunk. Afterwards the arena is as good as new and holds the memory
   * that it needed before.
   *
   * @throws `ERR_FREEHOLD_PINNED` when memory is pinned (nothing has changed then), `ERR_FREEHOLD_DISPOSED`.
   */
  reset(options?: ResetOptions): void {
    const handle = Arena.#live(this);
    if (options !== undefined || !(this.#resetInPlace() || this.#resetUnseen(handle)))
      this.#resetWith(handle, options);
    if (arenaReset.hasSubscribers) arenaReset.publish({ arena: this.#owner });
  }

  #resetWith(handle: ArenaHandle, options: ResetOptions | undefined): void {
    const { mode: asked, retain, whenPinned } = readResetOptions(options, this.#settings);
    Arena.#live(this); // Reading the options may have run anything.
    const mode = this.#modeUnderPins(asked, whenPinned, 'reset');
    this.#beginChange();
    const keep = this.#segments.endForReset(mode, largestKept(retain));
    const kept = native.reset(handle, retainPolicy(retain), typeof retain === 'number' ? retain : 0, !keep);
    this.#startEpoch(kept);
    if (mode === 'detach') this.#exposed = false; // What is kept is under a new ArrayBuffer.
    this.#changing = false;
    this.#resets++;
  }

  /**
   * Gives memory that no block uses back to the system now.
   *
   * @returns the bytes given back, as far as they can have been in use.
   */
  trim(): number {
    return native.trim(Arena.#live(this));
  }

  /** Holds the arena's memory until the pin, which the caller owns, is released; see {@link Pin}. */
  pin(): Pin {
    Arena.#live(this);
    return new Pin(this.#pins);
  }

  /**
   * Runs one asynchronous operation with the arena pinned, and gives its result.
   *
   * @example
   * ```ts
   * import { Arena } from 'freehold';
   * import { open } from 'node:fs/promises';
   *
   * using arena = new Arena();
   * const block = arena.allocUnsafe(64);
   * const file = await open(process.execPath);
   * const { bytesRead } = await arena.pinned(() => file.read(block, 0, 64, 0));
   * await file.close();
   * console.log(bytesRead); // 64
   * ```
   */
  async pinned<T>(operation: () => Promise<T> | T): Promise<T> {
    const pin = Arena.#checked(this).pin();
    try {
      checkFunction(operation, 'operation');
      return await operation();
    } finally {
      pin.release();
    }
  }

  /**
   * A block over memory of this arena that native code has taken, from its address on. It is like any other of the arena's, and
   * valid as long.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for bytes that are not all in memory that the arena has handed out.
   */
  blockAt(address: bigint, byteLength: number): Block {
    const handle = Arena.#live(this);
    const size = checkSize(byteLength);
    const place = typeof address === 'bigint' ? native.locate(handle, address) : undefined;
    if (place === undefined) throw errors.notInside(this.#settings.name, address, size);
    const [index, offset] = place as [number, number];
    const buffer = this.#segments.bufferAt(index);
    const used = index === this.#current ? this.#control[Word.CURSOR] : bufferLengthOf(buffer);
    if (offset + size > used) throw errors.notInside(this.#settings.name, address, size);
    this.#exposed = true;
    return new Block(buffer, offset, size);
  }

  /**
   * Functions with which C libraries allocate from this arena; the same each time, unless they were disposed. Their memory ends
   * with the arena's reset: no object that a library has made with it may be used after that. See {@link AllocatorCallbacks}.
   *
   * @throws `ERR_FREEHOLD_OUT_OF_MEMORY`, `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense, or other ones than
   * those that it has.
   */
  callbacks(options?: CallbackOptions): AllocatorCallbacks {
    Arena.#live(this);
    const settings = readCallbackOptions(options);
    Arena.#live(this); // Reading the options may have run anything.
    const found = this.#callbacks;
    if (found !== null && !found.disposed) return callbacksAgain(found, options);
    const memory = native.memoryOfArena(Arena.#forNativeCode(this), settings.limitBytes, settings.failAt);
    if (memory === undefined) throw errors.outOfMemory(this.#settings.name, 0);
    return (this.#callbacks = callbacksOf(
      this,
      memory,
      `arena "${this.#settings.name}"`,
      settings.limitBytes,
    ));
  }

  /**
   * The arena for addons, which get its C functions by `freehold_node.h`: they allocate from it, and this side sees their blocks
   * by {@link Arena.blockAt}. Valid until the arena is disposed.
   */
  get native(): object {
    const handle = native.arenaForAddons(Arena.#forNativeCode(this));
    if (handle === undefined) throw errors.outOfMemory(this.#settings.name, 0);
    return handle;
  }

  /** The address of the `fh_arena` of `freehold.h`, for FFI libraries. Valid until the arena is disposed. */
  get pointer(): bigint {
    const pointer = native.arenaPointer(Arena.#forNativeCode(this));
    if (pointer === undefined) throw errors.outOfMemory(this.#settings.name, 0);
    return pointer;
  }

  /** Whether a view shows memory that this arena holds now. */
  owns(view: ArrayBufferView): boolean {
    Arena.#checked(this);
    const buffer = bufferOf(view);
    return buffer !== undefined && ownerOf(buffer) === this.#owner && this.#holds(buffer);
  }

  /** Figures of this moment; all zero after dispose but for the totals. */
  stats(): ArenaStats {
    const handle = Arena.#checked(this).#handle;
    const [used, reserved, peak, chunks] = handle === null ? [0, 0, 0, 0] : native.figures(handle);
    return {
      kind: 'arena',
      name: this.#settings.name,
      bytesUsed: used,
      bytesReserved: reserved,
      bytesPeak: peak,
      bytesLimit: this.#limit,
      chunks,
      resets: this.#resets,
      orphanings: this.#segments.orphanings,
      pins: this.#pins.count,
    };
  }

  /**
   * Ends every block and gives all memory back; in the modes `'orphan'` and `'reuse'`, which promise that views stay as they are,
   * it is the garbage collector's (`dispose({ mode: 'detach' })` ends it at once). Further calls do nothing; any other use throws
   * `ERR_FREEHOLD_DISPOSED`.
   *
   * @throws `ERR_FREEHOLD_PINNED` when memory is pinned; nothing has changed then.
   */
  dispose(options?: DisposeOptions): void {
    Arena.#checked(this);
    if (this.#handle === null) return;
    const { mode: asked, whenPinned } = readResetOptions(options, this.#settings);
    const handle = this.#handle as ArenaHandle | null; // Reading the options may have disposed it.
    if (handle === null) return;
    const mode = this.#modeUnderPins(asked, whenPinned, 'dispose');
    this.#beginChange();
    this.#endViews(mode);
    this.#handle = null; // First: whatever interrupts the rest, the handle is not used again.
    if (this.#callbacks !== null) endCallbacks(this.#callbacks);
    native.destroy(handle);
    this.#startEpoch(false);
    this.#changing = false;
  }

  /** The same as {@link Arena.dispose}. */
  [Symbol.dispose](): void {
    Arena.#checked(this).dispose();
  }

  /** The figures, for logs. */
  toJSON(): ArenaStats {
    return Arena.#checked(this).stats();
  }

  [inspect.custom](): string {
    const { name, bytesUsed, bytesReserved, chunks } = Arena.#checked(this).stats();
    const state =
      this.#handle === null ? 'disposed' : `${bytesUsed} of ${bytesReserved} bytes in ${chunks} chunk(s)`;
    return `Arena(${name}) { ${state} }`;
  }

  // ---- Succession ------------------------------------------------------------------------------------------------

  // The arena whose handle the constructor takes instead of making one.
  static #predecessor: Arena | null = null;
  // What the next arena stands behind.
  static #nextFace: ArenaFace | null = null;

  /** The rest of what `predecessor` has, which is disposed from now on. */
  #takeOver(predecessor: Arena): void {
    this.#pins = predecessor.#pins;
    this.#resets = predecessor.#resets;
    this.#exposed = true;
    if (predecessor.#limit !== this.#limit) this.limit = this.#limit;
    this.#enter(predecessor.#current);
    predecessor.#handle = null;
    predecessor.#current = -1;
    predecessor.#end = NO_ROOM;
    predecessor.#buffer = NOTHING;
    predecessor.#segment = EMPTY;
    predecessor.#recycled = null;
    predecessor.#pins = new PinCount();
    predecessor.#latestMark = null;
    if (predecessor.#callbacks !== null) endCallbacks(predecessor.#callbacks);
    if (predecessor.#isKnownToC) native.endFace(this.#handle as ArenaHandle);
  }

  // ---- Receivers -----------------------------------------------------------------------------------------------

  static #checked(value: Arena): Arena {
    if (typeof value === 'object' && value !== null && #control in value) return value;
    throw errors.wrongReceiver(value);
  }

  static #live(value: Arena): ArenaHandle {
    const handle = Arena.#checked(value).#handle;
    if (handle === null) throw disposedOf(`arena "${value.#settings.name}"`);
    if (value.#changing) value.#recover(handle);
    if (value.#control[Word.NATIVE] >= NATIVE_AHEAD) value.#catchUp(handle);
    return handle;
  }

  /**
   * The handle, of which native code is about to learn. Where chunks are the engine's own, it can take none by itself: one is there
   * then, and it has what is left of that.
   */
  static #forNativeCode(arena: Arena): ArenaHandle {
    const handle = Arena.#live(arena);
    arena.#isKnownToC = true;
    if (arena.#current < 0 && native.usesEngineMemory()) arena.#makeRoom(1, DEFAULT_ALIGNMENT, true);
    return handle;
  }

  // ---- Slow paths of allocation ----------------------------------------------------------------------------------

  #allocSlow(byteLength: number, alignment: number, zero: boolean): Block {
    Arena.#live(this);
    const size = checkSize(byteLength);
    checkAlignment(alignment);
    const refusal = this.#makeRoom(size, alignment, false);
    if (refusal !== Status.OK) throw this.#refused(refusal, size);
    return this.#take(size, alignment, zero);
  }

  #bumpSlow(byteLength: number, alignment: number): number {
    Arena.#live(this);
    const size = checkSize(byteLength);
    checkAlignment(alignment);
    const refusal = this.#makeRoom(size, alignment, true);
    if (refusal !== Status.OK) throw this.#refused(refusal, size);
    const control = this.#control;
    const start = alignUp(control, alignment);
    control[Word.CURSOR] = start + size;
    return start;
  }

  /** Afterwards a block fits the current segment, or stands alone in the newest one (`Word.PLACED` is its offset). */
  #makeRoom(size: number, alignment: number, current: boolean): Status {
    const handle = Arena.#live(this);
    const control = this.#control;
    if (this.#current >= 0 && bufferLengthOf(this.#buffer) === 0) this.#abandonCurrent();
    control[Word.PLACED] = NO_ROOM;
    // The core wants to hear of alignments above a page's: a chunk that is to hold all of this next time is larger then.
    const fits = this.#end >= 0 && alignUp(control, alignment) + size <= this.#end;
    if (fits && alignment <= PAGE) return Status.OK;
    if (size > LARGEST_BLOCK) return Status.OUT_OF_MEMORY;
    this.#beginChange();
    const made = native.refill(handle, size, max(alignment, MIN_ALIGNMENT), current);
    if (typeof made !== 'number') {
      const standsAlone = control[Word.PLACED] >= 0;
      this.#segments.add(made, standsAlone);
      if (!standsAlone) this.#enter(this.#segments.count - 1);
    }
    this.#end = control[Word.END];
    this.#changing = false;
    return typeof made === 'number' ? made : Status.OK;
  }

  /** The block that `#makeRoom` made room for. */
  #take(size: number, alignment: number, zero: boolean): Block {
    const control = this.#control;
    if (size === 0) this.#exposed = this.#hollow = true; // The cursor need not move, but `block.buffer` is out.
    const placed = control[Word.PLACED];
    if (placed >= 0) {
      const block = new Block(this.#segments.bufferAt(this.#segments.count - 1), placed, size);
      const dirty = control[Word.PLACED_DIRTY] - placed;
      if (zero && dirty > 0) fill(block, 0, 0, min(dirty, size));
      return block;
    }
    const start = alignUp(control, alignment);
    const end = start + size;
    if (zero && end > control[Word.ZEROED]) zeroAhead(control, this.#segment, start, end);
    const recycled = size === 0 ? null : this.#recycled;
    const block = recycled === null ? new Block(this.#buffer, start, size) : recycled.take(start, size);
    control[Word.CURSOR] = end;
    return block;
  }

  #refused(status: Status, size: number): FreeholdError {
    if (this.#face !== null && (status === Status.LIMIT || status === Status.OUT_OF_MEMORY))
      return this.#face.refused(size);
    const error = errors.refused(status, this.#settings.name, size, this.#limit, this.used);
    if (status === Status.LIMIT) refusals.hear?.(this.#owner, error);
    return error;
  }

  // ---- Giving back ---------------------------------------------------------------------------------------------

  /** The offset of a block in its buffer, when it is a live block of this arena. */
  #checkLive(block: ArrayBufferView): number {
    const { name } = this.#settings;
    const buffer = bufferOf(block);
    if (buffer === undefined || ownerOf(buffer) !== this.#owner) throw errors.notABlock(name, block);
    if (!this.#holds(buffer)) throw errors.blockGone(name);
    if (!(block instanceof Block)) throw errors.notABlock(name, block);
    const offset = byteOffsetOf(block);
    const byteLength = byteLengthOf(block);
    // One of no length has nothing to give back twice, and may stand behind a block that was.
    if (buffer === this.#buffer && byteLength > 0 && offset + byteLength > this.#control[Word.CURSOR]) {
      throw errors.freedBefore(name, byteLength, offset);
    }
    return offset;
  }

  /** Whether a view is what `array` may have made: a typed array over memory that this arena holds. */
  #isArray(view: ArrayBufferView): boolean {
    if (view instanceof Buffer || !types.isTypedArray(view)) return false;
    const buffer = bufferOf(view);
    return buffer !== undefined && ownerOf(buffer) === this.#owner && this.#holds(buffer);
  }

  /** Whether a buffer of this arena's shows memory that it holds now: not what was transferred, nor what was orphaned. */
  #holds(buffer: ArrayBufferLike): boolean {
    return bufferLengthOf(buffer) > 0 && (buffer === this.#buffer || this.#segments.has(buffer));
  }

  #isLast(block: ArrayBufferView, offset: number, size: number): boolean {
    return bufferOf(block) === this.#buffer && size > 0 && offset + size === this.#control[Word.CURSOR];
  }

  /** Whether a block that native code frees by its address, so that this side must not end it, lies behind an offset. */
  #holdsNative(handle: ArenaHandle, offset: number): boolean {
    return this.#control[Word.NATIVE] !== 0 && native.holdsNativeBehind(handle, offset);
  }

  /** Sets the cursor back; what is behind it is not zero any more, and its views may be seen. */
  #giveBack(cursor: number): void {
    const control = this.#control;
    // The cursor alone says how much is used only where no segment was closed before.
    const used = this.#segments.count > 1 ? min(this.used, MAX_WORD) : control[Word.CURSOR];
    setBack(control, cursor, used);
    this.#exposed = true;
    if (this.#recycled !== null) this.#recycled.giveBack(cursor);
  }

  // ---- Views and their end -------------------------------------------------------------------------------------

  /** Makes a segment the one that blocks are cut from; -1 for none. */
  #enter(index: number): void {
    const buffer = index < 0 ? NOTHING : this.#segments.bufferAt(index);
    const byteLength = bufferLengthOf(buffer);
    this.#segment = byteLength === 0 ? EMPTY : new Block(buffer, 0, byteLength);
    this.#buffer = buffer;
    if (this.#settings.reset === 'reuse') this.#recycle(buffer, byteLength);
    this.#current = index;
    this.#hollow = false;
    // When there is none, or it is in other hands, the slow path sees to it.
    this.#end = byteLength === 0 ? NO_ROOM : this.#control[Word.END];
  }

  /** Views of another buffer are let go. */
  #recycle(buffer: ArrayBuffer, byteLength: number): void {
    if (byteLength === 0) this.#recycled = null;
    else if (this.#recycled?.buffer === buffer) this.#recycled.giveBack(this.#control[Word.CURSOR]);
    else this.#recycled = new RecycledViews(buffer);
  }

  /** Until `#changing` is false again the fast paths have no room, and whatever else comes recovers first. */
  #beginChange(): void {
    this.#changing = true;
    this.#end = NO_ROOM;
  }

  /**
   * After a change that was never ended this file and the core may know different segments. All of them are left to the
   * collector, so that no byte of theirs is ever another block's, and the arena begins anew.
   */
  #recover(handle: ArenaHandle): void {
    native.reset(handle, retainPolicy('high-water'), 0, true);
    this.#startEpoch(false);
    this.#segments.orphanings++;
    this.#changing = false;
  }

  /** Native code has opened segments: they are shown, and blocks are cut from the newest. */
  #catchUp(handle: ArenaHandle): void {
    this.#beginChange();
    this.#segments.addAll(native.catchUp(handle));
    this.#enter(this.#segments.endOf(this.#segments.count).current);
    this.#changing = false;
  }

  /** Whether there is one chunk, which a plain reset keeps, and nothing that holds it or has cut it. */
  #isSteady(): boolean {
    const control = this.#control;
    return (
      this.#segments.count === 1 &&
      this.#current === 0 &&
      this.#pins.count === 0 &&
      control[Word.CAPACITY] <= this.#keepUpTo &&
      control[Word.SEALED] === 0
    );
  }

  /** The steady state: one chunk, kept, its views ended. False when there is more to do. */
  #resetInPlace(): boolean {
    const control = this.#control;
    // Blocks of native code are ended by the core.
    if (!this.#isSteady() || control[Word.NATIVE] !== 0) return false;
    if (control[Word.CURSOR] !== 0 || this.#exposed) {
      if (this.#detaches) {
        this.#beginChange();
        if (!this.#segments.renew(0)) {
          this.#changing = false;
          return false;
        }
        this.#enter(0);
      }
      this.#giveBack(0);
      control[Word.NATIVE_CURSOR] = 0;
      this.#changing = false;
      this.#exposed = false;
    }
    this.#endMarks();
    this.#epoch++;
    this.#resets++;
    return true;
  }

  /**
   * The same where native code alone has used the chunk: no view shows any of it, so that none has to be ended. That takes 0.2 µs,
   * and a new ArrayBuffer 1 to 3, the collector's part of it included.
   */
  #resetUnseen(handle: ArenaHandle): boolean {
    const control = this.#control;
    const isSeen = this.#exposed || this.#hollow || control[Word.CURSOR] !== control[Word.NATIVE_CURSOR];
    if (isSeen || !this.#detaches || !this.#isSteady()) return false;
    this.#beginChange();
    native.reset(handle, retainPolicy('high-water'), 0, false);
    this.#end = control[Word.END];
    this.#changing = false;
    this.#endMarks();
    this.#epoch++;
    this.#resets++;
    return true;
  }

  #endMarks(): void {
    endMarks(this.#latestMark, null);
    this.#latestMark = null;
  }

  #endViews(mode: ResetMode): void {
    if (mode === 'orphan') this.#segments.orphan();
    else if (mode === 'detach') this.#segments.endAll();
  }

  /** After the core has ended all blocks: with the first chunk kept, or with none. */
  #startEpoch(kept: boolean): void {
    this.#segments.truncate(kept ? 1 : 0);
    this.#enter(kept ? 0 : -1);
    this.#exposed = kept;
    this.#pins = new PinCount();
    this.#epoch++;
    this.#endMarks();
  }

  /** The current chunk's memory is in other hands: the arena goes on with another, and this one is never used again. */
  #abandonCurrent(): void {
    const control = this.#control;
    control[Word.END] = NO_ROOM;
    control[Word.SEALED] = 0; // Or the core would cut what is behind its last block.
    this.#end = NO_ROOM;
  }

  #modeUnderPins(mode: ResetMode, whenPinned: 'throw' | 'orphan', action: string): ResetMode {
    const pins = this.#pins.count;
    if (pins === 0 || mode === 'orphan') return mode;
    if (whenPinned === 'orphan') return 'orphan';
    throw errors.pinned(this.#settings.name, action, pins);
  }

  #hasMark(mark: ArenaMark): boolean {
    return reachesMark(this.#latestMark, mark);
  }
}

/** The largest number that a control word holds. */
const MAX_WORD = 2 ** 31 - 1;
