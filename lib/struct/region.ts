import { type InspectOptions, inspect } from 'node:util';

import type { Allocator } from '../allocator.ts';
import { Block } from '../block.ts';
import { push, slice } from '../captured.ts';
import type { FreeholdError } from '../errors.ts';
import { Stamped, ownerOf, viewOwnerOf } from '../exposure.ts';
import { tallyOf } from '../rc.ts';
import { Slots, slotOf, slotsOf } from '../slots.ts';
import type { Codec } from './codec.ts';
import * as errors from './errors.ts';
import { Life, State } from './life.ts';
import { type Memory, NO_MEMORY } from './memory.ts';
import { Plan } from './plan.ts';

/** Where a region is, as the class of it keeps that: each layout has a class of its own, see `unit.ts`. */
export interface Aim {
  /** What it is called in messages, its size in bytes, and how the whole is read and written. */
  readonly label: string;
  readonly size: number;
  readonly codec: Codec;
  memoryOf(region: Region): Memory;
  offsetOf(region: Region): number;
  aim(region: Region, memory: Memory, at: number): void;
  /** The same within its memory, for a region without parts. */
  readonly moveTo: (region: Region, at: number) => void;
}

/**
 * A stretch of memory with a type, the base of structs and arrays: what it is, where its memory comes from, and what was made of
 * parts of it. Programs have structs and arrays, but do not see what is here: all of it is static.
 */
export class Region {
  readonly #aim: Aim;
  // What keeps the memory alive: the block, or the view that it was made of.
  readonly #keep: ArrayBufferView;
  // What few have. Apart, so that a struct is small: a field of one that is not in the cache costs what its lines cost.
  #life: Life | null = null;

  /** @internal */
  constructor(aim: Aim, keep: ArrayBufferView) {
    this.#aim = aim;
    this.#keep = keep;
  }

  /** Gives the block back, when it has one that was not given back. */
  [Symbol.dispose](): void {
    if (!Region.is(this)) throw errors.wrongReceiver('a struct', this);
    if (Region.owns(this) && !Region.isDestroyed(this)) Region.destroy(this);
  }

  /** The values, for JSON: bigints as text, bytes in hexadecimal. */
  toJSON(): unknown {
    if (!Region.is(this)) throw errors.wrongReceiver('a struct', this);
    return Region.copy(this, true);
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    if (!Region.is(this)) return 'Struct {}';
    if (Region.isDestroyed(this)) return `${this.#aim.label} { destroyed }`;
    return Region.isLive(this)
      ? `${this.#aim.label} ${inspect(Region.copy(this, false), options)}`
      : `${this.#aim.label} { gone }`;
  }

  static {
    // The class is not for programs, and a field may have this name.
    Reflect.deleteProperty(Region.prototype, 'constructor');
  }

  // ---- Within ----------------------------------------------------------------------------------------------------

  static is(value: unknown): value is Region {
    return typeof value === 'object' && value !== null && #aim in value;
  }

  /** A region that a program has passed. */
  static checked(value: unknown): Region {
    if (Region.is(value)) return value;
    throw errors.notAStruct(value);
  }

  /** How the whole is read and written: regions of one layout have the same. */
  static codecOf(region: Region): Codec {
    return region.#aim.codec;
  }

  static labelOf(region: Region): string {
    return region.#aim.label;
  }

  static keepOf(region: Region): ArrayBufferView {
    return region.#keep;
  }

  static sizeOf(region: Region): number {
    return region.#aim.size;
  }

  static offsetOf(region: Region): number {
    return region.#aim.offsetOf(region);
  }

  /** The memory of a region; throws when there is none any more. */
  static live(region: Region, label?: string): Memory {
    const memory = region.#aim.memoryOf(region);
    if (memory === NO_MEMORY || region.#aim.offsetOf(region) + region.#aim.size > memory.bytes.length)
      throw Region.stale(region, label);
    return memory;
  }

  /** Whether its memory is there, and still its own as far as can be told. */
  static isLive(region: Region): boolean {
    const memory = region.#aim.memoryOf(region);
    if (memory === NO_MEMORY) return false;
    if (region.#aim.offsetOf(region) + region.#aim.size > memory.bytes.length) return false;
    return !Region.owns(region) || Region.#isSame(region);
  }

  /** A copy in plain values. */
  static copy(region: Region, forJson: boolean): unknown {
    return region.#aim.codec.copy(Region.live(region), region.#aim.offsetOf(region), forJson);
  }

  /** A copy of the bytes. */
  static snapshot(region: Region): Uint8Array {
    const memory = Region.live(region);
    const at = region.#aim.offsetOf(region);
    return slice(memory.bytes, at, at + region.#aim.size);
  }

  /** Writes what a program passes into some of a region; when any of it is refused, nothing. */
  static write(region: Region, codec: Codec, offset: number, value: unknown, label: string): void {
    const plan = Plan.begin();
    codec.plan(plan, offset, value, label);
    plan.run(Region.live(region), region.#aim.offsetOf(region));
  }

  /** Why a region has no memory. */
  static stale(region: Region, label: string = region.#aim.label): FreeholdError {
    const state = Region.#stateOf(region);
    if (state === State.DESTROYED) return errors.destroyed(label);
    if (state === State.REUSED) return errors.reused(label);
    return errors.gone(label);
  }

  // ---- Blocks of their own ---------------------------------------------------------------------------------------

  /** Makes a region the owner of its block. */
  static own(region: Region, block: Block, allocator: Allocator): void {
    const life = (region.#life = new Life(allocator));
    const slots = slotsOf(block);
    if (slots === undefined) return;
    life.word = Slots.wordOf(slots, slotOf(block));
    Claim.take(block, region);
  }

  static owns(region: Region): boolean {
    return region.#life !== null && region.#life.allocator !== null;
  }

  static isDestroyed(region: Region): boolean {
    return Region.#stateOf(region) !== State.LIVE;
  }

  /** Frees the block, and with that ends the region and its parts. */
  static destroy(region: Region): void {
    const state = Region.#stateOf(region);
    if (state === State.DESTROYED) throw errors.destroyedBefore(region.#aim.label);
    if (state === State.REUSED) throw errors.reused(region.#aim.label);
    const block = region.#keep;
    const life = region.#life;
    if (life === null || life.allocator === null || !(block instanceof Block))
      throw errors.notOwned(region.#aim.label);
    const { buffer } = region.#aim.memoryOf(region);
    if (!Region.#isSame(region)) {
      Region.#end(region, State.REUSED);
      throw errors.freedElsewhere(region.#aim.label);
    }
    // The state first, for an allocator may be the program's own and come back here; undone when it refuses. A block says itself
    // whose it is, which changes when it is passed on.
    life.state = State.DESTROYED;
    try {
      (viewOwnerOf(block) ?? ownerOf(buffer) ?? life.allocator).free(block);
    } catch (error) {
      life.state = State.LIVE;
      throw error;
    }
    Region.#end(region, State.DESTROYED);
  }

  static #stateOf(region: Region): State {
    return region.#life === null ? State.LIVE : region.#life.state;
  }

  /** Whether the block is as it was when this region was made: its slot lives the same life, or a handle of it is left. */
  static #isSame(region: Region): boolean {
    const block = region.#keep;
    const slots = slotsOf(block);
    // A counted block says itself whether the program has given it up.
    if (slots === undefined) return tallyOf(block)?.handles !== 0;
    const word = Slots.wordOf(slots, slotOf(block));
    // Without a word the pool has ended, and says so itself.
    return word === 0 || (word === region.#life?.word && Slots.isLive(slots, slotOf(block)));
  }

  /** Ends a region whose block is another's. */
  static supersede(region: Region): void {
    if (!Region.isDestroyed(region)) Region.#end(region, State.REUSED);
  }

  static #end(region: Region, state: State): void {
    const life = (region.#life ??= new Life(null));
    const parts = life.parts;
    life.state = state;
    life.parts = null;
    region.#aim.aim(region, NO_MEMORY, -1);
    if (parts === null) return;
    for (let each = 0; each < parts.length; each++) {
      const part = parts[each];
      if (part !== undefined) Region.#end(part, state);
    }
  }

  // ---- Parts -----------------------------------------------------------------------------------------------------

  /** The part that was made for a key before. */
  static partOf(region: Region, key: number): Region | undefined {
    const parts = region.#life === null ? null : region.#life.parts;
    return parts === null ? undefined : parts[key];
  }

  /** A part ends with the region, and moves with it. Keys are small: each takes a place in a list. */
  static addPart<P extends Region>(region: Region, key: number, part: P): P {
    const life = (region.#life ??= new Life(null));
    const parts = (life.parts ??= []);
    while (parts.length <= key) push(parts, undefined);
    parts[key] = part;
    return part;
  }

  /** What moves a region that has no parts. */
  static moverOf(region: Region): Aim['moveTo'] {
    const { moveTo } = region.#aim;
    return moveTo;
  }

  /** Moves a region within its memory. */
  static move(region: Region, at: number): void {
    const by = at - region.#aim.offsetOf(region);
    region.#aim.aim(region, region.#aim.memoryOf(region), at);
    const parts = region.#life === null ? null : region.#life.parts;
    if (parts === null) return;
    for (let each = 0; each < parts.length; each++) {
      const part = parts[each];
      if (part !== undefined) Region.move(part, part.#aim.offsetOf(part) + by);
    }
  }
}

/**
 * Which region a block of a pool or a heap was last made for: such a block is handed out again as the same object. So a struct
 * whose block was freed behind its back ends when the next struct gets the block.
 */
class Claim extends Stamped<Block> {
  #region: Region;

  constructor(block: Block, region: Region) {
    super(block);
    this.#region = region;
  }

  static take(block: Block, region: Region): void {
    if (#region in block) {
      Region.supersede(block.#region);
      block.#region = region;
    } else new Claim(block, region);
  }
}
