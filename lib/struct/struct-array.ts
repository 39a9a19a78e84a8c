import { type InspectOptions, inspect } from 'node:util';

import type { Codec } from './codec.ts';
import * as errors from './errors.ts';
import { FieldType, type InputOf, type ValueOf } from './field-type.ts';
import { keeping } from './keeping.ts';
import { type Memory, NO_MEMORY } from './memory.ts';
import { type Aim, Region } from './region.ts';
import { Scalar } from './scalar.ts';
import { type NumberArray, typedArrayOf } from './typed.ts';

/** What arrays of one type and length have in common. */
export let aimOfArray: (codec: Codec, label: string, size: number) => Aim;

/** How many elements are shown in full. */
const SHOWN = 100;

/** The part of an array that is its cursor; its elements come behind. */
const CURSOR = 0;

/**
 * Values of one type one after another in memory: a field that {@link arrayOf} describes, or the structs of {@link Layout.array}.
 *
 * `get` and `set` work on all types. For structs `get` makes an object for each element, once; `at` moves one object along.
 */
export class StructArray<T extends FieldType = FieldType> extends Region {
  #memory: Memory = NO_MEMORY;
  #at = 0;
  readonly #element: T;
  readonly #codec: Codec;
  readonly #stride: number;
  readonly #length: number;
  #cursor: Region | null = null;
  // Moves a cursor without parts.
  #move: Aim['moveTo'] = Region.move;
  readonly #simple: boolean;

  /** @internal */
  constructor(aim: Aim, element: T, length: number, memory: Memory, at: number, keep: ArrayBufferView) {
    super(aim, keep);
    this.#memory = memory;
    this.#at = at;
    this.#element = element;
    this.#codec = FieldType.codecOf(element);
    this.#stride = element.size;
    this.#length = length;
    this.#simple = this.#codec.depth === 1;
  }

  /** How many elements it has. */
  get length(): number {
    return StructArray.#checked(this).#length;
  }

  /**
   * An element: its value, or for a struct or an array an object over the very memory, the same each time.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when there is none at `index`, `ERR_FREEHOLD_USE_AFTER_FREE`.
   */
  get(index: number): ValueOf<T> {
    const array = StructArray.#checked(this);
    const offset = array.#offsetOf(index);
    const memory = Region.live(array);
    return array.#codec.read(array, index + 1, memory, array.#at + offset);
  }

  /**
   * Writes an element; a struct as {@link assign} does.
   *
   * @throws as {@link StructArray.get}, and for values that do not fit.
   */
  set(index: number, value: InputOf<T>): void {
    const array = StructArray.#checked(this);
    const offset = array.#offsetOf(index);
    Region.write(array, array.#codec, offset, value, `${Region.labelOf(array)}[${index}]`);
  }

  /**
   * The cursor, moved to an element: one struct for all elements, which the next call moves on. For loops in which an object for
   * each element would be too many. Of elements that are no structs their value.
   *
   * @throws as {@link StructArray.get}.
   */
  at(index: number): ValueOf<T> {
    if (typeof this !== 'object' || this === null || !(#cursor in this))
      throw errors.wrongReceiver('an array', this);
    if (typeof index !== 'number' || index >>> 0 !== index || index >= this.#length)
      throw errors.noElement(Region.labelOf(this), this.#length, index);
    const cursor = this.#cursor;
    if (cursor === null) return this.#firstAt(index);
    const at = this.#at + index * this.#stride;
    if (this.#simple) this.#move(cursor, at);
    else Region.move(cursor, at);
    return cursor;
  }

  /** The elements one after another, as {@link StructArray.get} gives them. */
  [Symbol.iterator](): Generator<ValueOf<T>, void, undefined> {
    return elementsOf(StructArray.#checked(this));
  }

  /**
   * Numbers as a typed array over the very memory, for hot loops: neither values nor the end of the array are checked there.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for elements that are no numbers, `ERR_FREEHOLD_INVALID_ALIGNMENT` when they are not
   * at a multiple of their size, as in packed structs.
   */
  typed(): NumberArray {
    const array = StructArray.#checked(this);
    const memory = Region.live(array);
    const kind = array.#element instanceof Scalar ? array.#element.kind : undefined;
    const view = typedArrayOf(kind, memory.buffer, memory.begin + array.#at, array.#length);
    return keeping(view, Region.keepOf(array));
  }

  override [inspect.custom](depth: number, options: InspectOptions): string {
    const whole = typeof this === 'object' && this !== null && #cursor in this && this.#length <= SHOWN;
    if (whole || !Region.is(this) || !Region.isLive(this)) return super[inspect.custom](depth, options);
    const memory = Region.live(this);
    const first = Array.from({ length: SHOWN }, (_, index) =>
      this.#codec.copy(memory, this.#at + index * this.#stride, false),
    );
    return `${Region.labelOf(this)} ${inspect(first, options)}, and ${this.#length - SHOWN} more`;
  }

  #offsetOf(index: unknown): number {
    if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < this.#length)
      return index * this.#stride;
    throw errors.noElement(Region.labelOf(this), this.#length, index);
  }

  #firstAt(index: number): ValueOf<T> {
    const at = this.#at + index * this.#stride;
    const value = this.#codec.read(this, CURSOR, Region.live(this), at);
    if (!Region.is(value)) return value;
    this.#cursor = value;
    this.#move = Region.moverOf(value);
    return value;
  }

  /** What only this file calls with arrays. */
  static #of(region: Region): StructArray {
    return region as never;
  }

  static #checked<E extends FieldType>(value: StructArray<E>): StructArray<E> {
    if (typeof value === 'object' && value !== null && #cursor in value) return value;
    throw errors.wrongReceiver('an array', value);
  }

  static {
    // As of all regions: the class is not for programs.
    Reflect.deleteProperty(StructArray.prototype, 'constructor');
    aimOfArray = (codec, label, size) => ({
      label,
      size,
      codec,
      memoryOf: (region) => StructArray.#of(region).#memory,
      offsetOf: (region) => StructArray.#of(region).#at,
      moveTo: (region, at) => {
        StructArray.#of(region).#at = at;
      },
      aim: (region, memory, at) => {
        StructArray.#of(region).#memory = memory;
        StructArray.#of(region).#at = at;
      },
    });
  }
}

function* elementsOf<T extends FieldType>(array: StructArray<T>): Generator<ValueOf<T>, void, undefined> {
  for (let index = 0; index < array.length; index++) yield array.get(index);
}
