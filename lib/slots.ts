import type { Allocator } from './allocator.ts';
import { BlockAllocator } from './block-allocator.ts';
import { Block } from './block.ts';
import { bufferLengthOf, bufferOf, extentOf, fill, max, min, push, withoutPrototype } from './captured.ts';
import { Stamped, detach, renew, setOwner } from './exposure.ts';
import { Pin, PinCount } from './pin.ts';
import * as errors from './pool-errors.ts';
import { type GrownPool, type PoolHandle, Status, native, tracksEscapes } from './native.ts';

// As constants of this module: an imported class is looked up at each use.
const { Object: AnyObject, Float64Array: Doubles64 } = globalThis;

/** No slot. Not exported: an exported constant is looked up at each use. Others ask whether an index is negative. */
const NO_SLOT = -1;

/** The last word of a slot: freed once more it is retired, so that no generation comes twice (`native/core/pool.h`). */
const LAST_WORD = -3;
const RETIRED_WORD = -2;

/** A list of numbers that the hot path reads and writes: an Int32Array, without the methods. */
type Words = Record<number, number>;

/** A Float64Array, as the hot path sees it. */
type Doubles = Record<number, number>;

/** The largest slot that is zeroed by stores, in bytes. */
const ZEROED_BY_STORES = 64;
const DOUBLES_IN_LARGEST = ZEROED_BY_STORES / 8;

/** So many slots of a pool, the first, have views of their own to be zeroed by: 1.7 MB of them at most. */
const SLOTS_WITH_DOUBLES = 16 * 1024;

/** The least number of blocks that are made between two times that slots are put in order. */
const LEAST_BETWEEN_TIDYINGS = 128;

/** The tables of a pool without memory. */
const NO_WORDS: Words = new Int32Array(0);

/** Which slot a block shows: a private field of the block, cheaper than a map and out of reach of programs. */
class SlotOf extends Stamped<Block> {
  readonly #slots: Slots;
  // From the start a number, as in all fields of the fast path: one that was undefined before may be anything for V8.
  readonly #index: number = NO_SLOT;
  // The life of the slot in which somebody has the title to the block: see `lib/ownership`. A number, because to store an object
  // in an old one costs 20 ns.
  #titled = 0;

  // The block's length when it was made, in bytes.
  readonly #byteLength: number = 0;
  // The slot as doubles, once the block was zeroed again: a view whose every index is known costs 1.3 ns less than its slab's.
  #doubles: Doubles | undefined = undefined;

  constructor(block: Block, slots: Slots, index: number, byteLength: number) {
    super(block);
    this.#slots = slots;
    this.#index = index;
    this.#byteLength = byteLength;
  }

  /** Whether a block of a slot is that long still: to ask for its length converts a double, and takes longer. */
  static isWhole(block: Block, byteLength: number): boolean {
    return (
      (block as unknown as SlotOf).#byteLength === byteLength &&
      (block[0] as number | undefined) !== undefined
    );
  }

  static doublesOf(block: Block): Doubles | undefined {
    return (block as unknown as SlotOf).#doubles;
  }

  static setDoubles(block: Block, doubles: Doubles): void {
    (block as unknown as SlotOf).#doubles = doubles;
  }

  static is(value: unknown): value is SlotOf & Block {
    try {
      return #index in (value as object);
    } catch {
      return false; // It is no object. To ask for that first costs 0.8 ns, to ask for its class 1.8 ns.
    }
  }

  static indexOf(value: unknown): number {
    return isSlot(value) ? value.#index : NO_SLOT;
  }

  static slotsOf(value: unknown): Slots | undefined {
    return isSlot(value) ? value.#slots : undefined;
  }

  static lifeOf(value: unknown): number {
    return isSlot(value) ? Slots.lifeAt(value.#slots, value.#index, value) : 0;
  }

  static isIn(value: unknown, life: number): boolean {
    return isSlot(value) && Slots.showsLife(value.#slots, value.#index, value, life);
  }

  static titledLife(value: unknown): number {
    return isSlot(value) ? value.#titled : 0;
  }

  static setTitled(value: unknown, life: number): void {
    if (isSlot(value)) value.#titled = life;
  }

  static claim(value: unknown, allocator: unknown): number {
    if (!isSlot(value)) return 0;
    const slots = value.#slots;
    if (Slots.ownerOf(slots) !== allocator) return 0;
    const word = Slots.rawWordOf(slots, value.#index);
    value.#titled = word;
    return (word & 1) === 0 ? 0 : word;
  }

  static giveIn(value: unknown, allocator: unknown): boolean {
    if (!isSlot(value)) return false;
    const slots = value.#slots;
    return ownerOf(slots) === allocator && giveBlock(slots, value.#index, value);
  }

  static endLife(value: unknown, life: number): boolean {
    if (!isSlot(value)) return false;
    const slots = value.#slots;
    const index = value.#index;
    return (
      Slots.showsLife(slots, index, value, life) && !Slots.mayBePinned(slots) && Slots.give(slots, index)
    );
  }
}

/** Which slab an ArrayBuffer shows. */
class SlabOf extends Stamped<ArrayBuffer> {
  readonly #slots: Slots;
  readonly #slab: number = -1;

  constructor(buffer: ArrayBuffer, slots: Slots, slab: number) {
    super(buffer);
    this.#slots = slots;
    this.#slab = slab;
  }

  static slotsOf(buffer: object): Slots | undefined {
    return #slots in buffer ? buffer.#slots : undefined;
  }

  static slabOf(buffer: object): number {
    return #slab in buffer ? buffer.#slab : -1;
  }
}

/** The slot whose block a value is, by the block itself; negative for what is no block of a slot. */
export const slotOf: (value: unknown) => number = SlotOf.indexOf;

/** Which life of its slot a block shows: a number that comes once; 0 when that life is over, and for what is in no slot. */
export function lifeOf(block: unknown): number {
  return SlotOf.lifeOf(block);
}

// The methods themselves, not functions that call them: owners of blocks ask these all the time, and V8 inlines so many only.
const { is: isSlot, isIn, claim, doublesOf, endLife: endLifeOf, giveIn, isWhole } = SlotOf;

/** Whether a block shows that life of its slot still. */
export const isInLife: (block: unknown, life: number) => boolean = isIn;

/** Whether somebody has the title to a block in the life of its slot that it shows. */
export function isTitled(block: unknown): boolean {
  const life = SlotOf.titledLife(block);
  return life !== 0 && SlotOf.isIn(block, life);
}

/** Says in which life of its slot somebody has the title to a block; 0 for none. */
export function setTitled(block: unknown, life: number): void {
  SlotOf.setTitled(block, life);
}

/** Somebody has the title to a block that `allocator` has just handed out. Its life; 0 for what is in no slot of `allocator`. */
export const claimLife: (block: unknown, allocator: unknown) => number = claim;

/** Frees a block in that life of its slot; false, and nothing changes, when the life is over, or a pin may hold the block. */
export const endLife: (block: unknown, life: number) => boolean = endLifeOf;

/** Frees a block of one of `allocator`'s slots; false, and nothing changes, for any other, and when a pin may hold it. */
export const giveBlockOf: (block: unknown, allocator: unknown) => boolean = giveIn;

/** The slots that a block came from; undefined for what is no block of a slot. */
export const slotsOf: (value: unknown) => Slots | undefined = SlotOf.slotsOf;

/** The slots that an ArrayBuffer shows, or showed until it was detached. */
export function slotsShownBy(buffer: object): Slots | undefined {
  return SlabOf.slotsOf(buffer);
}

/** How slots are laid out. Sizes are bytes. */
export interface SlotsShape {
  readonly blockBytes: number;
  readonly alignment: number;
  readonly slabBytes: number;
  readonly maxBlocks: number;
  /** At least so many blocks are in a slab. */
  readonly slabBlocks: number;
}

/** What {@link Slots.figures} says. */
export interface SlotsFigures {
  readonly blocks: number;
  readonly blocksPeak: number;
  readonly capacity: number;
  readonly retired: number;
  readonly slabs: number;
  readonly bytesReserved: number;
  readonly bytesMetadata: number;
  readonly orphanings: number;
}

// The slow paths that the fast one calls, by names of this module: where a private static method is called its class is
// checked, 25 bytes of code that count against what V8 inlines in a loop (920 in all).
let takeFromNewSlab: (slots: Slots) => number;
let retire: (slots: Slots, index: number) => boolean;
let makeOrAbandon: (slots: Slots, index: number, byteLength: number) => Block | undefined;
let makeZeroed: (slots: Slots, index: number, byteLength: number) => Block | undefined;
let clearedAgain: (slots: Slots, index: number, block: Block) => Block;
let makeBlock: (slots: Slots, index: number, byteLength: number) => Block | undefined;

/**
 * The fast path over one core pool, `native/core/pool.h`, whose tables it shares: which slots are free, and what each
 * has become. A slot's *word* is odd while its block lives and counts on at each allocation and each free.
 *
 * The base class of what allocates from slots, so that a call checks one map and not two, 0.7 ns; its functions are
 * static, so that programs do not see them on a pool. The slot that was freed last is not on the stack: it is `#hot`, and
 * its word is odd already, one life further. So an allocation after a free touches neither table. Measured against a plain
 * push and pop: 3.1 instead of 4.6 ns for a pair, 6.0 instead of 8.9 ns for random replacement.
 */
export abstract class Slots extends BlockAllocator {
  #words: Words = NO_WORDS;
  #stack: Words = NO_WORDS;
  #top = 0;
  #hot = NO_SLOT;
  #capacity = 0;
  // The most that lived at once: since the slots were put in order last, and before.
  #highest = 0;
  #peakBefore = 0;
  #retired = 0;
  // Blocks that are still to be made before the slots are put in order; 0 where that is not done.
  #untilTidy = 0;
  // The block that was made for a slot last. Handed out again when it is as long as what is asked.
  readonly #views: (Block | undefined)[] = []; // With a prototype: without one each block costs 3.5 ns more.
  // The ArrayBuffer of each slab, where in it the first slot is, and whether it began as zeroes.
  readonly #buffers = withoutPrototype<ArrayBuffer | undefined>([]);
  readonly #offsets = withoutPrototype<number>([]);
  readonly #clean = withoutPrototype<boolean>([]);
  // Where slots are small: their slabs as doubles, and how many make up a slot. A few stores zero it sooner than a call.
  readonly #doubles = withoutPrototype<Doubles | undefined>([]);
  readonly #doublesEach: number = 0;
  #handle: PoolHandle | null;
  // While slabs come and go, and after that was cut off: see #hold.
  #changing = false;
  // The pins of slots, as far as there are any: a free looks here only then.
  #pins: Map<number, PinCount> | null = null;
  readonly #owner: Allocator;
  readonly #shift: number = 0;
  readonly #mask: number = 0;
  readonly #stride: number = 0;
  readonly #maxBlocks: number = 0;
  /** False when no slab may be added. */
  #growable = true;
  /** Times that a slab was left to the collector. */
  #orphanings = 0;

  static {
    takeFromNewSlab = Slots.#takeFromNewSlab;
    retire = Slots.#retire;
    makeBlock = Slots.#makeBlock;
    makeOrAbandon = Slots.#makeOrAbandon;
    makeZeroed = Slots.#makeZeroed;
    clearedAgain = Slots.#clearedAgain;
  }

  /** Slots for blocks of `shape`, whose buffers name `owner`: the allocator itself when it is undefined. */
  constructor(shape: SlotsShape, owner: Allocator | undefined) {
    super();
    const handle = native.createPool(
      shape.blockBytes,
      shape.alignment,
      shape.slabBytes,
      shape.maxBlocks,
      shape.slabBlocks,
    );
    if (handle === undefined) throw errors.outOfMemory('a new pool', shape.blockBytes);
    // By index, and not by an iterator, which the program may have replaced.
    const layout = native.poolShape(handle);
    const stride = layout[0];
    const shift = layout[1];
    this.#owner = owner ?? this;
    this.#handle = handle;
    this.#shift = shift;
    this.#mask = (1 << shift) - 1;
    this.#stride = stride;
    this.#maxBlocks = shape.maxBlocks;
    this.#doublesEach = stride <= ZEROED_BY_STORES && stride % 8 === 0 ? stride / 8 : 0;
  }

  /** Whether a value has slots. */
  static is(value: unknown): value is Slots {
    // Half a nanosecond faster than by `typeof`: that it is an object then follows from its map.
    return value instanceof AnyObject && #hot in value;
  }

  // ---- The fast path ---------------------------------------------------------------------------------------------

  /** A free slot, which lives from now on; negative when there is none, for the reason that {@link Slots.refusal} says. */
  static take(slots: Slots): number {
    const hot = slots.#hot;
    if (hot < 0) return pop(slots);
    slots.#hot = NO_SLOT;
    return hot;
  }

  /** The free slot on the top of the stack, which lives from now on; negative when there is none. */
  static pop(slots: Slots): number {
    const top = slots.#top - 1;
    if (top < 0) return takeFromNewSlab(slots);
    const index = slots.#stack[top];
    slots.#top = top;
    slots.#words[index]++;
    const live = slots.#capacity - top;
    if (live > slots.#highest) slots.#highest = live;
    return index;
  }

  /** Ends the life of a slot; false, and nothing changes, when it does not live. What is given is a whole number. */
  static give(slots: Slots, index: number): boolean {
    const words = slots.#words;
    const word = words[index];
    const hot = slots.#hot;
    if ((word & 1) === 0 || index === hot) return false;
    if (word === LAST_WORD) return retire(slots, index);
    words[index] = word + 2;
    slots.#hot = index;
    if (hot >= 0) {
      words[hot]--;
      const top = slots.#top;
      slots.#stack[top] = hot;
      slots.#top = top + 1;
    }
    return true;
  }

  /** The block of a slot that lives, `byteLength` bytes long; undefined when the slot's memory has escaped. */
  static blockOf(slots: Slots, index: number, byteLength: number): Block | undefined {
    const block = slots.#views[index];
    return block !== undefined && isWhole(block, byteLength) ? block : makeBlock(slots, index, byteLength);
  }

  /** The block of a free slot, which lives from now on; undefined when there is none, or its memory has escaped. */
  static takeBlock(slots: Slots, byteLength: number): Block | undefined {
    const index = take(slots);
    if (index < 0) return undefined;
    const block = slots.#views[index];
    return block !== undefined && isWhole(block, byteLength)
      ? block
      : makeOrAbandon(slots, index, byteLength);
  }

  /** Ends the life of the slot that was handed out as `block`; false, and nothing changes, for any other, and while there are pins. */
  static giveBlock(slots: Slots, index: number, block: unknown): boolean {
    return slots.#pins === null && slots.#views[index] === block && give(slots, index);
  }

  /** Whether `block` is the very one that its slot was handed out as. */
  static isBlockOf(slots: Slots, index: number, block: unknown): boolean {
    return slots.#views[index] === block;
  }

  /** Like {@link Slots.takeBlock}, but zeroed. */
  static takeZeroed(slots: Slots, byteLength: number): Block | undefined {
    const index = take(slots);
    if (index < 0) return undefined;
    const block = slots.#views[index];
    if (block === undefined || !isWhole(block, byteLength)) return makeZeroed(slots, index, byteLength);
    const doubles = doublesOf(block);
    if (doubles === undefined) return clearedAgain(slots, index, block);
    const each = slots.#doublesEach;
    if (each === DOUBLES_IN_LARGEST) {
      // Without a loop: 1.4 ns less.
      doubles[0] = 0;
      doubles[1] = 0;
      doubles[2] = 0;
      doubles[3] = 0;
      doubles[4] = 0;
      doubles[5] = 0;
      doubles[6] = 0;
      doubles[7] = 0;
    } else zeroEach(doubles, 0, each);
    return block;
  }

  /** A block of a free slot, which lives from now on, whatever memory has escaped; null when there is none. */
  static takeShown(slots: Slots, byteLength: number, zeroed: boolean): Block | null {
    for (;;) {
      const index = Slots.take(slots);
      if (index < 0) return null;
      const block = Slots.#isShown(slots, index) ? Slots.blockOf(slots, index, byteLength) : undefined;
      if (block === undefined) {
        Slots.abandon(slots, index);
        continue;
      }
      if (zeroed && byteLength > 0) Slots.#cleared(slots, index, block);
      return block;
    }
  }

  // ---- Pins ------------------------------------------------------------------------------------------------------

  /** A pin that holds a slot that lives. */
  static pinSlot(slots: Slots, index: number): Pin {
    slots.#pins ??= new Map();
    let held = slots.#pins.get(index);
    if (held === undefined) slots.#pins.set(index, (held = new PinCount()));
    return new Pin(held);
  }

  /** Whether a pin may hold some slot. */
  static mayBePinned(slots: Slots): boolean {
    return slots.#pins !== null;
  }

  /** How many pins hold a slot. */
  static pinsOf(slots: Slots, index: number): number {
    const held = slots.#pins?.get(index);
    if (held === undefined) return 0;
    if (held.count === 0) slots.#pins?.delete(index);
    if (slots.#pins?.size === 0) slots.#pins = null;
    return held.count;
  }

  /** How many pins hold slots. */
  static pinCount(slots: Slots): number {
    let pins = 0;
    if (slots.#pins !== null) for (const { count } of slots.#pins.values()) pins += count;
    return pins;
  }

  // ---- Asking ----------------------------------------------------------------------------------------------------

  /** The allocator that the buffers name. */
  static ownerOf(slots: Slots): Allocator {
    return slots.#owner;
  }

  /** Whether a slot lives. */
  static isLive(slots: Slots, index: number): boolean {
    return (
      typeof index === 'number' &&
      (index | 0) === index &&
      ((slots.#words[index] as number | undefined) ?? 0) % 2 !== 0 &&
      index !== slots.#hot
    );
  }

  /** Which life of a slot a block shows: a number that comes once; 0 when that life is over. */
  static lifeAt(slots: Slots, index: number, block: unknown): number {
    const word = slots.#words[index] as number | undefined;
    if (word === undefined || (word & 1) === 0 || index === slots.#hot) return 0;
    return slots.#views[index] === block ? word : 0;
  }

  /** The word of a slot, as it stands. */
  static rawWordOf(slots: Slots, index: number): number {
    return slots.#words[index] ?? 0;
  }

  /** Whether a block shows that life of a slot still. */
  static showsLife(slots: Slots, index: number, block: unknown, life: number): boolean {
    // The word of a free slot is another, also that of the hot one, which is a life further.
    return slots.#words[index] === life && slots.#views[index] === block;
  }

  /** Whether the slots were destroyed. */
  static isDestroyed(slots: Slots): boolean {
    return slots.#handle === null;
  }

  /**
   * Whether a view that begins where a slot does shows what lives there now. A block that is not the one that its slot was
   * handed out as last was freed, or reallocated.
   */
  static shows(slots: Slots, view: unknown, index: number): boolean {
    return Slots.isLive(slots, index) && (SlotOf.indexOf(view) < 0 || Slots.isBlockOf(slots, index, view));
  }

  /** The word of a slot, as an unsigned number. */
  static wordOf(slots: Slots, index: number): number {
    return ((slots.#words[index] as number | undefined) ?? 0) >>> 0;
  }

  /** Why there is no free slot: as many as may be, or no memory. */
  static refusal(slots: Slots): Status {
    return !slots.#growable || slots.#capacity + slots.#retired >= slots.#maxBlocks
      ? Status.LIMIT
      : Status.OUT_OF_MEMORY;
  }

  static capacity(slots: Slots): number {
    return slots.#capacity;
  }

  /** Blocks that live. */
  static live(slots: Slots): number {
    return slots.#capacity - slots.#top - (slots.#hot < 0 ? 0 : 1);
  }

  /** The slot that begins where a view begins; negative when none does. Whether it lives is another question. */
  static find(slots: Slots, view: unknown): number {
    const index = Slots.slotAround(slots, view);
    return index >= 0 && Slots.#offsetOf(slots, view) % slots.#stride === 0 ? index : NO_SLOT;
  }

  /** The slot in which a view begins; negative when it begins in none that is shown. */
  static slotAround(slots: Slots, view: unknown): number {
    const buffer = bufferOf(view);
    if (buffer === undefined || SlabOf.slotsOf(buffer) !== slots || bufferLengthOf(buffer) === 0)
      return NO_SLOT;
    const slab = SlabOf.slabOf(buffer);
    const offset = Slots.#offsetOf(slots, view);
    const slot = Math.floor(offset / slots.#stride);
    if (slots.#buffers[slab] !== buffer || offset < 0 || slot > slots.#mask) return NO_SLOT;
    return (slab << slots.#shift) + slot;
  }

  /** Whether a buffer shows, or showed until it was detached, a slab of these slots. */
  static showed(slots: Slots, buffer: ArrayBufferLike): boolean {
    return SlabOf.slotsOf(buffer) === slots;
  }

  /** Whether there ever was such a slot. */
  static exists(slots: Slots, index: number): boolean {
    return (
      typeof index === 'number' &&
      (index | 0) === index &&
      index >= 0 &&
      index < slots.#buffers.length << slots.#shift &&
      index < slots.#maxBlocks
    );
  }

  /** From the begin of one block to the begin of the next, in bytes. */
  static stride(slots: Slots): number {
    return slots.#stride;
  }

  static figures(slots: Slots): SlotsFigures {
    const handle = slots.#handle;
    if (handle !== null && slots.#changing) Slots.#recover(slots, handle);
    const [, , slabs, bytesReserved, bytesMetadata] = (
      handle === null ? [0, 0, 0, 0, 0] : native.poolFigures(handle)
    ) as [number, number, number, number, number];
    return {
      blocks: Slots.live(slots),
      blocksPeak: max(slots.#highest, slots.#peakBefore),
      capacity: slots.#capacity,
      retired: slots.#retired,
      slabs,
      bytesReserved,
      bytesMetadata,
      orphanings: slots.#orphanings,
    };
  }

  // ---- More and less memory --------------------------------------------------------------------------------------

  /** Adds slabs until there is room for `blocks` more; false when that cannot be. */
  static preheat(slots: Slots, blocks: number): boolean {
    while (slots.#capacity - Slots.live(slots) < blocks) {
      if (!Slots.#grow(slots)) return false;
    }
    return true;
  }

  /** Gives slabs back in which nothing lives; returns the bytes. */
  static trim(slots: Slots): number {
    const handle = slots.#handle;
    if (handle === null) return 0;
    const before = Slots.figures(slots).bytesReserved;
    Slots.#spill(slots);
    Slots.#release(slots, native.poolEmptySlabs(handle), true);
    return before - Slots.figures(slots).bytesReserved;
  }

  /**
   * From here on blocks gather in the lowest slabs, and slabs that have become empty and were not needed for a while are given
   * back: for blocks of mixed sizes, where what one size has had at its highest another could use.
   */
  static keepTidy(slots: Slots): void {
    slots.#untilTidy = LEAST_BETWEEN_TIDYINGS;
  }

  /** From here on slabs are added, or never. */
  static setGrowable(slots: Slots, growable: boolean): void {
    slots.#growable = growable;
  }

  /** Leaves the slab of a slot to the collector: its memory has escaped. What lives in it does not any more. */
  static abandon(slots: Slots, index: number): void {
    const handle = slots.#handle;
    if (handle === null) return;
    slots.#orphanings++;
    if (slots.#changing) Slots.#recover(slots, handle);
    else Slots.#release(slots, [index >>> slots.#shift], false);
  }

  /** Ends everything. Views die; with `orphan` they stay valid, and their memory is the collector's. */
  static destroy(slots: Slots, orphan: boolean): void {
    const handle = slots.#handle;
    if (handle === null) return;
    // First: whatever cuts off the rest, no slot is free or lives, and the handle is not used again.
    slots.#pins = null;
    slots.#handle = null;
    slots.#words = slots.#stack = NO_WORDS;
    slots.#top = slots.#capacity = 0;
    slots.#hot = NO_SLOT;
    for (let slab = 0; slab < slots.#buffers.length; slab++) {
      const buffer = slots.#buffers[slab];
      if (buffer === undefined) continue;
      if (!orphan && detach(buffer)) native.poolRetire(handle, slab);
      else slots.#orphanings++;
    }
    native.destroyPool(handle);
    slots.#buffers.length = slots.#offsets.length = slots.#clean.length = slots.#doubles.length = 0;
    slots.#views.length = 0;
  }

  // ---- Slow paths ------------------------------------------------------------------------------------------------

  static #takeFromNewSlab(slots: Slots): number {
    if (slots.#changing && slots.#handle !== null) Slots.#recover(slots, slots.#handle);
    return slots.#top > 0 || Slots.#grow(slots) ? Slots.take(slots) : NO_SLOT;
  }

  static #retire(slots: Slots, index: number): boolean {
    slots.#words[index] = RETIRED_WORD;
    slots.#capacity--;
    slots.#retired++;
    return true;
  }

  /** Puts the slot that was freed last on the stack, where the core expects it. */
  static #spill(slots: Slots): void {
    const hot = slots.#hot;
    if (hot < 0) return;
    slots.#words[hot]--;
    slots.#stack[slots.#top++] = hot;
    slots.#hot = NO_SLOT;
  }

  /**
   * Before slabs come or go: until {@link Slots.#settle} no slot counts as free, so that whatever cuts us off (the end of
   * the stack, a timeout of `node:vm`) no slot is handed out twice. Then {@link Slots.#recover} is next. Between a call of
   * the addon and the fields that it changes there is no call and no loop: nothing can cut us off there.
   */
  static #hold(slots: Slots, handle: PoolHandle): number {
    if (slots.#changing) Slots.#recover(slots, handle);
    Slots.#spill(slots);
    const top = slots.#top;
    slots.#changing = true;
    slots.#top = 0;
    return top;
  }

  /** What the core knows of the free slots holds again. */
  static #settle(slots: Slots, handle: PoolHandle): void {
    const figures = native.poolFigures(handle);
    slots.#capacity = figures[0];
    slots.#retired = figures[1];
    slots.#top = figures[5];
    slots.#changing = false;
  }

  static #grow(slots: Slots): boolean {
    const handle = slots.#handle;
    if (handle === null || !slots.#growable) return false;
    const top = Slots.#hold(slots, handle);
    const grown = native.poolGrow(handle, top, slots.#retired);
    if (typeof grown === 'number') {
      slots.#top = top;
      slots.#changing = false;
      return false;
    }
    if (grown.words !== undefined) slots.#words = grown.words;
    if (grown.stack !== undefined) slots.#stack = grown.stack;
    if (grown.buffer !== undefined) Slots.#show(slots, handle, grown, grown.buffer);
    Slots.#settle(slots, handle);
    return grown.buffer !== undefined;
  }

  /**
   * The free slots of the lowest slabs are to be the next, and slabs go that are empty, as far as there were that many more
   * slots than blocks all the time since the last time: else a program whose blocks come and go together would lose its slabs
   * in between. It looks at each slot, so it is done once for as many blocks.
   */
  static #tidy(slots: Slots): void {
    const handle = slots.#handle;
    if (handle === null) return;
    slots.#untilTidy = max(LEAST_BETWEEN_TIDYINGS, slots.#capacity); // First: what follows may be cut off.
    Slots.#hold(slots, handle);
    native.poolRebuild(handle);
    Slots.#settle(slots, handle);
    const spare = (slots.#capacity - slots.#highest) >>> slots.#shift;
    slots.#peakBefore = max(slots.#peakBefore, slots.#highest);
    slots.#highest = Slots.live(slots);
    if (spare === 0) return;
    const empty = native.poolEmptySlabs(handle);
    Slots.#release(slots, tail(empty, spare), true);
  }

  static #show(
    slots: Slots,
    handle: PoolHandle,
    { slab, offset, dirty }: GrownPool,
    wrapped: ArrayBuffer,
  ): void {
    const buffer = renew(wrapped) ?? wrapped;
    setOwner(buffer, slots.#owner);
    new SlabOf(buffer, slots, slab);
    if (tracksEscapes) native.poolTrack(handle, slab, buffer);
    slots.#offsets[slab] = offset;
    slots.#clean[slab] = dirty === 0;
    slots.#doubles[slab] =
      slots.#doublesEach === 0
        ? undefined
        : new Doubles64(buffer, offset, Math.floor((bufferLengthOf(buffer) - offset) / 8));
    slots.#buffers[slab] = buffer;
  }

  /** Gives slabs back, all at once: to take their slots off the stack is a walk over it. */
  static #release(slots: Slots, slabs: number[], endViews: boolean): void {
    const handle = slots.#handle;
    if (handle === null || slabs.length === 0) return;
    const top = Slots.#hold(slots, handle);
    for (let each = 0; each < slabs.length; each++) {
      const slab = slabs[each];
      const buffer = slots.#buffers[slab];
      if (endViews && buffer !== undefined) {
        if (detach(buffer)) native.poolRetire(handle, slab);
        else slots.#orphanings++;
      }
      Slots.#forget(slots, slab);
    }
    native.poolRelease(handle, slabs, top, slots.#retired);
    Slots.#settle(slots, handle);
  }

  /** Drops what is known of a slab's blocks: nobody gets them again, and pins of them hold nothing. */
  static #forget(slots: Slots, slab: number): void {
    const first = slab << slots.#shift;
    const end = min(first + slots.#mask + 1, slots.#views.length);
    for (let index = first; index < end; index++) slots.#views[index] = undefined;
    if (slots.#pins !== null)
      for (let index = first; index <= first + slots.#mask; index++) slots.#pins.delete(index);
    slots.#buffers[slab] = undefined;
    slots.#doubles[slab] = undefined;
  }

  /**
   * After a change that was cut off: slabs that are not shown go, or whose memory is gone, and which slots are free is
   * read from their words.
   */
  static #recover(slots: Slots, handle: PoolHandle): void {
    Slots.#spill(slots);
    slots.#top = 0;
    const count = native.poolFigures(handle)[6];
    const gone = withoutPrototype<number>([]);
    for (let slab = 0; slab < count; slab++) {
      if (Slots.#isShown(slots, slab << slots.#shift)) continue;
      Slots.#forget(slots, slab);
      gone[gone.length] = slab;
    }
    native.poolRelease(handle, gone, 0, slots.#retired);
    native.poolRebuild(handle);
    Slots.#settle(slots, handle);
  }

  /** How far behind the first slot of its slab a view of a slab begins. */
  static #offsetOf(slots: Slots, view: unknown): number {
    const slab = SlabOf.slabOf(bufferOf(view) as object);
    return extentOf(view as ArrayBufferView).byteOffset - slots.#offsets[slab];
  }

  /** Whether the memory of a slot is there to be shown. */
  static #isShown(slots: Slots, index: number): boolean {
    const buffer = slots.#buffers[index >>> slots.#shift];
    return buffer !== undefined && bufferLengthOf(buffer) > 0;
  }

  static #makeOrAbandon(slots: Slots, index: number, byteLength: number): Block | undefined {
    const block = Slots.#makeBlock(slots, index, byteLength);
    if (block === undefined) Slots.abandon(slots, index);
    return block;
  }

  static #makeZeroed(slots: Slots, index: number, byteLength: number): Block | undefined {
    const block = Slots.#makeOrAbandon(slots, index, byteLength);
    return block === undefined ? undefined : Slots.#cleared(slots, index, block);
  }

  /** The block of a slot that was just taken, zeroed where it may not be zero. */
  static #cleared(slots: Slots, index: number, block: Block): Block {
    const slab = index >>> slots.#shift;
    // In its first life the slot is as the system gave it.
    if (slots.#words[index] === 1 && slots.#clean[slab]) return block;
    const doubles = slots.#doubles[slab];
    const at = (index & slots.#mask) * slots.#doublesEach;
    if (doubles === undefined) fill(block, 0);
    else zeroEach(doubles, at, at + slots.#doublesEach);
    return block;
  }

  /** The same for a block that was there already. */
  static #clearedAgain(slots: Slots, index: number, block: Block): Block {
    const each = slots.#doublesEach;
    if (each !== 0 && index < SLOTS_WITH_DOUBLES) {
      const { byteOffset } = extentOf(block);
      SlotOf.setDoubles(block, new Doubles64(bufferOf(block) as ArrayBuffer, byteOffset, each));
    }
    return Slots.#cleared(slots, index, block);
  }

  static #makeBlock(slots: Slots, index: number, byteLength: number): Block | undefined {
    const slab = index >>> slots.#shift;
    const buffer = slots.#buffers[slab];
    if (buffer === undefined || bufferLengthOf(buffer) === 0) return undefined;
    const offset = slots.#offsets[slab] + (index & slots.#mask) * slots.#stride;
    const block = new Block(buffer, offset, byteLength);
    new SlotOf(block, slots, index, byteLength);
    // The list stays without holes: one is an order of magnitude slower.
    while (slots.#views.length <= index) push(slots.#views, undefined);
    slots.#views[index] = block;
    if (slots.#untilTidy > 0 && --slots.#untilTidy === 0) Slots.#tidy(slots);
    return block;
  }
}

const { give, giveBlock, ownerOf, pop, take } = Slots;

function zeroEach(doubles: Doubles, from: number, end: number): void {
  for (let at = from; at < end; at++) doubles[at] = 0;
}

/** The last `count` of a list. */
function tail(list: readonly number[], count: number): number[] {
  const last = withoutPrototype<number>([]);
  for (let at = max(0, list.length - count); at < list.length; at++) last[last.length] = list[at];
  return last;
}
