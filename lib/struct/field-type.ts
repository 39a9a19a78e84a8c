import { inspect } from 'node:util';

import { FreeholdError } from '../errors.ts';
import type { Codec } from './codec.ts';
import * as errors from './errors.ts';

/** The most that one type may take, in bytes: 1 GiB. */
const LARGEST_TYPE = 2 ** 30;

/** Known to this package alone: what makes types passes it, so that a program cannot make any by their classes. */
export const MAKER = Object.freeze({});

/**
 * What a field of a struct is in memory, and in JavaScript: the numbers `f64`, `i32` ..., what {@link cString}, {@link bytes} and
 * {@link arrayOf} make, and layouts, which {@link struct} and {@link union} make. Types do not change.
 *
 * `Value` is what reading gives, `Input` what writing takes.
 */
export abstract class FieldType<out Value = unknown, out Input = unknown> {
  /** Only for the types: there is no such property. */
  declare readonly $value: Value;
  /** Only for the types: there is no such property. */
  declare readonly $input: Input;

  /** Its size in bytes, padding at the end included. */
  readonly size: number;
  /** What it begins at multiples of, in bytes. */
  readonly alignment: number;
  readonly #label: string;
  readonly #codec: Codec;

  /** @internal */
  constructor(maker: typeof MAKER, size: number, alignment: number, label: string, codec: Codec) {
    if (maker !== MAKER) throw errors.notByNew();
    if (size > LARGEST_TYPE) {
      throw new FreeholdError(
        'ERR_FREEHOLD_INVALID_SIZE',
        `${label} would take ${size} bytes, and a type has at most ${LARGEST_TYPE}`,
      );
    }
    this.size = size;
    this.alignment = alignment;
    this.#label = label;
    this.#codec = codec;
  }

  /** @internal */
  static is(value: unknown): value is FieldType {
    return typeof value === 'object' && value !== null && #codec in value;
  }

  /** @internal */
  static codecOf(type: FieldType): Codec {
    return type.#codec;
  }

  /** What it is called in messages. */
  toString(): string {
    if (!FieldType.is(this)) throw errors.noType(this);
    return this.#label;
  }

  /** Its name, size and alignment, for logs. */
  toJSON(): { type: string; size: number; alignment: number } {
    if (!FieldType.is(this)) throw errors.noType(this);
    return { type: this.#label, size: this.size, alignment: this.alignment };
  }

  [inspect.custom](): string {
    return FieldType.is(this) ? `${this.#label} { ${this.size} bytes }` : 'FieldType {}';
  }
}

/** What reading a field of a type gives. */
export type ValueOf<T extends FieldType> = T['$value'];
/** What writing a field of a type takes. */
export type InputOf<T extends FieldType> = T['$input'];
