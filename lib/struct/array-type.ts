import { arrayAim } from './array-codec.ts';
import * as errors from './errors.ts';
import { checkLength } from './c-string.ts';
import { FieldType, type InputOf, MAKER } from './field-type.ts';
import type { StructArray } from './struct-array.ts';

/** As many values of one type as an array in C has. */
export class ArrayType<T extends FieldType = FieldType> extends FieldType<
  StructArray<T>,
  Iterable<InputOf<T>> | StructArray<T>
> {
  readonly #element: T;
  readonly #length: number;

  /** @internal */
  constructor(maker: typeof MAKER, element: T, length: number) {
    if (maker !== MAKER) throw errors.notByNew();
    const label = `arrayOf(${element.toString()}, ${length})`;
    super(maker, element.size * length, element.alignment, label, arrayAim(element, length, label).codec);
    this.#element = element;
    this.#length = length;
    Object.freeze(this);
  }

  /** @internal */
  static override is(value: unknown): value is ArrayType {
    return typeof value === 'object' && value !== null && #element in value;
  }

  /** The type of its elements. */
  get element(): T {
    if (!ArrayType.is(this)) throw errors.noType(this);
    return this.#element;
  }

  /** How many elements it has. */
  get length(): number {
    if (!ArrayType.is(this)) throw errors.noType(this);
    return this.#length;
  }
}

/**
 * `length` values of one type, one after another: `double m[4]`. Elements may be structs, unions and arrays.
 *
 * Reads as a {@link StructArray} over the very memory; writing takes as many values, or fewer: the rest is zeroed.
 *
 * @throws `ERR_FREEHOLD_INVALID_SIZE` unless it has at least one element.
 */
export function arrayOf<T extends FieldType>(element: T, length: number): ArrayType<T> {
  if (!FieldType.is(element)) throw errors.notAType('the element of an array', element);
  return new ArrayType(MAKER, element, checkLength(length, 'arrayOf()'));
}
