import { inspect } from 'node:util';

import type { Allocator } from '../allocator.ts';
import { bytesOf } from '../typed-arrays.ts';
import { checkSize } from '../validate.ts';
import { declare } from './c-declaration.ts';
import { createArray } from './create.ts';
import * as errors from './errors.ts';
import { FieldType, type InputOf, MAKER, type ValueOf } from './field-type.ts';
import { type Fields, type LayoutOptions, type PlacedField, type Shape, placeFields } from './fields.ts';
import { type Memory, memoryOf, offsetIn } from './memory.ts';
import { Plan } from './plan.ts';
import type { Region } from './region.ts';
import type { StructArray } from './struct-array.ts';
import { structCodec } from './struct-codec.ts';
import { unitFor } from './unit-for.ts';
import type { Unit } from './unit.ts';

/** A struct in memory: its fields are properties, whose values are in its bytes. */
export type Struct<F extends Fields = Fields> = { -readonly [K in keyof F]: ValueOf<F[K]> } & Disposable & {
    toJSON(): unknown;
  };

/** What a struct is made of or given: some or all of its fields. */
export type Init<F extends Fields = Fields> = { readonly [K in keyof F]?: InputOf<F[K]> };

/** A struct as an ordinary object. */
export type Plain<T extends FieldType> =
  T extends Layout<infer F>
    ? { -readonly [K in keyof F]: Plain<F[K]> }
    : ValueOf<T> extends StructArray<infer E>
      ? Plain<E>[]
      : ValueOf<T>;

/**
 * How fields lie in memory: what {@link struct} and {@link union} make. A type too, for fields of other layouts.
 */
export class Layout<F extends Fields = Fields> extends FieldType<Struct<F>, Init<F> | Struct<F>> {
  readonly #shape: Shape;
  readonly #unit: Unit;
  #looseUnit: Unit | null = null;

  /** @internal */
  constructor(maker: typeof MAKER, shape: Shape) {
    if (maker !== MAKER) throw errors.notByNew();
    const codec = structCodec(shape, (memory, at, keep) => Layout.make(this, memory, at, keep));
    super(maker, shape.size, shape.alignment, shape.name, codec);
    this.#shape = shape;
    this.#unit = unitFor(shape, codec, shape.alignment);
    Object.freeze(this);
  }

  /** The name given to it. */
  get name(): string {
    return Layout.checked(this).#shape.name;
  }

  /** Its fields in their order, with their offsets in bytes. */
  get fields(): readonly PlacedField[] {
    return Layout.checked(this).#shape.fields;
  }

  /**
   * A struct over bytes that are there already, at any offset: nothing is copied, and the caller goes on owning them. It has no
   * block of its own, so it is not destroyed; it ends with the memory.
   *
   * @throws `ERR_FREEHOLD_INVALID_SIZE` when the bytes are too few, `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no memory.
   *
   * @example
   * ```ts
   * import { struct, u16, u32 } from 'freehold';
   * import assert from 'node:assert';
   *
   * const header = struct({ kind: u16, length: u32 }, { packed: true });
   * const packet = Buffer.from('0100ff000000', 'hex');
   * assert.equal(header.view(packet).length, 255);
   * ```
   */
  view(bytes: ArrayBufferView | ArrayBufferLike, byteOffset = 0): Struct<F> {
    const layout = Layout.checked(this);
    const stretch = layout.#stretch(bytes, byteOffset);
    const memory = memoryOf(stretch);
    // What was passed is kept, and not only its memory: an `Rc` is released when nobody holds it.
    const keep = ArrayBuffer.isView(bytes) ? bytes : stretch;
    return Layout.make(layout, memory, offsetIn(memory, stretch), keep) as unknown as Struct<F>;
  }

  /**
   * A copy of the struct in some bytes, as an ordinary object.
   *
   * @throws as {@link Layout.view}.
   */
  read(bytes: ArrayBufferView | ArrayBufferLike, byteOffset = 0): Plain<this> {
    const layout = Layout.checked(this);
    const stretch = layout.#stretch(bytes, byteOffset);
    const memory = memoryOf(stretch);
    return FieldType.codecOf(layout).copy(memory, offsetIn(memory, stretch), false) as Plain<this>;
  }

  /**
   * Writes a whole struct into some bytes: what `init` does not name, and padding, is zeroed.
   *
   * @throws as {@link Layout.view}, and as {@link create} for `init`; nothing is written then.
   */
  write(bytes: ArrayBufferView | ArrayBufferLike, init: Init<F>, byteOffset = 0): void {
    const layout = Layout.checked(this);
    const plan = Plan.begin();
    FieldType.codecOf(layout).plan(plan, 0, init, layout.#shape.name);
    const stretch = layout.#stretch(bytes, byteOffset);
    const memory = memoryOf(stretch);
    stretch.fill(0);
    plan.run(memory, offsetIn(memory, stretch));
  }

  /**
   * `length` structs one after another in one zeroed block of an allocator. The caller owns the array, and gives it back with
   * {@link destroy}.
   *
   * @throws as {@link create}.
   *
   * @example
   * ```ts
   * import { Heap, destroy, f64, struct } from 'freehold';
   * import assert from 'node:assert';
   *
   * using heap = new Heap();
   * const points = struct({ x: f64, y: f64 }).array(heap, 1000);
   * for (let i = 0; i < points.length; i++) points.at(i).x = i; // no object for each
   * assert.equal(points.get(999).x, 999);
   * destroy(points);
   * ```
   */
  array(allocator: Allocator, length: number): StructArray<this> {
    Layout.checked(this);
    return createArray(allocator, this, length);
  }

  /**
   * Its declaration in C and C++, with those of the layouts in it, for gcc and clang. It needs `<stdint.h>`, `<stddef.h>` and
   * `<stdbool.h>`.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when a name is none in C.
   *
   * @example
   * ```ts
   * import { f64, struct, u8 } from 'freehold';
   *
   * console.log(struct({ x: f64, tag: u8 }).toC('point').replaceAll('\n', ' ')); // typedef struct point {   double x;   uint8_t tag; } point;
   * ```
   */
  toC(name?: string): string {
    const layout = Layout.checked(this);
    return declare(layout, name === undefined ? layout.#shape.name : name);
  }

  override [inspect.custom](): string {
    if (!Layout.is(this)) return 'Layout {}';
    const { kind, name, fields, size } = this.#shape;
    const shown = fields.map((field) => `${field.name}: ${field.type.toString()} @ ${field.offset}`);
    return `${kind}${name === kind ? '' : ` ${name}`} { ${shown.join(', ')} } (${size} bytes)`;
  }

  // ---- Within ----------------------------------------------------------------------------------------------------

  /** @internal */
  static override is(value: unknown): value is Layout {
    return typeof value === 'object' && value !== null && #unit in value;
  }

  /** @internal */
  static shapeOf(layout: Layout): Shape {
    return layout.#shape;
  }

  /** A struct in memory that is there. @internal */
  static make(layout: Layout, memory: Memory, at: number, keep: ArrayBufferView): Region {
    // Numbers of 64 bits are read through typed arrays, which reach multiples of 8.
    if (layout.alignment < 8 || at % 8 === 0) return layout.#unit.make(memory, at, keep);
    layout.#looseUnit ??= unitFor(layout.#shape, FieldType.codecOf(layout), 1);
    return layout.#looseUnit.make(memory, at, keep);
  }

  /** @internal */
  static checked<L extends Layout>(value: L): L {
    if (Layout.is(value)) return value;
    throw errors.noType(value);
  }

  /** As many bytes as a struct has. */
  #stretch(bytes: unknown, byteOffset: number): Uint8Array {
    const all = bytesOf(bytes);
    const offset = checkSize(byteOffset, 'byteOffset');
    if (offset + this.size > all.length) throw errors.tooFew(this.#shape.name, this.size, offset, all.length);
    return new Uint8Array(all.buffer, all.byteOffset + offset, this.size);
  }
}

/**
 * A layout of fields one after another, as a C compiler places them: each at its natural alignment, the size a multiple of the
 * largest. x86-64 and ARM64 on Linux, macOS and Windows agree on it; bytes are little-endian. There are no bit-fields.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for names that are none in C, `__proto__`, `constructor` and `toJSON`, and for what is
 * no type;
 * `ERR_FREEHOLD_INVALID_SIZE` for no fields, and for more than 1 GiB; `ERR_FREEHOLD_INVALID_ALIGNMENT`.
 *
 * @example
 * ```ts
 * import { Pool, cString, create, destroy, f64, i32, offsetOf, sizeOf, struct } from 'freehold';
 * import assert from 'node:assert';
 *
 * const particle = struct({ x: f64, y: f64, charge: i32, name: cString(12) });
 * assert.equal(sizeOf(particle), 32);
 * assert.equal(offsetOf(particle, 'charge'), 16);
 *
 * using pool = new Pool({ blockBytes: sizeOf(particle) });
 * const p = create(pool, particle, { x: 1.5, name: 'electron' });
 * p.charge = -1;
 * assert.equal(`${p.name} ${p.x} ${p.charge}`, 'electron 1.5 -1');
 * destroy(p);
 * assert.throws(() => p.x, { code: 'ERR_FREEHOLD_USE_AFTER_FREE' });
 * ```
 */
export function struct<F extends Fields>(fields: F, options?: LayoutOptions): Layout<F> {
  return new Layout<F>(MAKER, placeFields('struct', fields, options));
}

/**
 * A layout of fields one over another, all at offset 0.
 *
 * @throws as {@link struct}.
 *
 * @example
 * ```ts
 * import { Heap, create, f32, struct, u32, union } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new Heap();
 * using word = create(heap, union({ float: f32, bits: u32 }), { float: 1 });
 * assert.equal(word.bits, 0x3f800000);
 * ```
 */
export function union<F extends Fields>(fields: F, options?: LayoutOptions): Layout<F> {
  return new Layout<F>(MAKER, placeFields('union', fields, options));
}
