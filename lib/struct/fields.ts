import { checkAlignment, checkChoice, checkFlag, checkName, describe, readOptions } from '../validate.ts';
import * as errors from './errors.ts';
import { FieldType } from './field-type.ts';

/** The fields of a layout, by name, in their order. */
export type Fields = Readonly<Record<string, FieldType>>;

/** How fields are placed. */
export interface LayoutOptions {
  /** What it is called in messages and by `toC`. Default: `'struct'` or `'union'`. */
  name?: string;
  /** No padding at all: the same as `pack: 1`. Default: false. */
  packed?: boolean;
  /** No field is aligned to more than this many bytes, as `#pragma pack(n)` does: 1, 2, 4, 8 or 16. */
  pack?: 1 | 2 | 4 | 8 | 16;
  /**
   * What the whole begins at multiples of, as `alignas(n)`: a power of two up to 2 MiB. The size is rounded up to it. It can only
   * be more than what the fields need.
   */
  align?: number;
}

/** Where a field is. Sizes and offsets are bytes. */
export interface PlacedField {
  readonly name: string;
  readonly type: FieldType;
  readonly offset: number;
}

/** What a layout is made of. */
export interface Shape {
  readonly kind: 'struct' | 'union';
  readonly name: string;
  readonly fields: readonly PlacedField[];
  readonly size: number;
  readonly alignment: number;
  /** As in {@link LayoutOptions}; 0 for none. */
  readonly pack: number;
  readonly align: number;
}

/** Fields at their natural alignment one after another, or one over another, as a C compiler places them. */
export function placeFields(kind: 'struct' | 'union', fields: Fields, options?: LayoutOptions): Shape {
  const { name, pack, align } = readLayoutOptions(kind, options);
  const most = pack === 0 ? Infinity : pack;
  const placed: PlacedField[] = [];
  let end = 0;
  let alignment = 1;
  for (const [field, type] of entriesOf(kind, fields)) {
    const aligned = Math.min(type.alignment, most);
    const offset = kind === 'union' ? 0 : roundUp(end, aligned);
    placed.push(Object.freeze({ name: field, type, offset }));
    end = Math.max(end, offset + type.size);
    alignment = Math.max(alignment, aligned);
  }
  if (placed.length === 0) throw errors.empty(`a ${kind}`);
  alignment = Math.max(alignment, align);
  return { kind, name, fields: placed, size: roundUp(end, alignment), alignment, pack, align };
}

function roundUp(size: number, alignment: number): number {
  return Math.ceil(size / alignment) * alignment;
}

function readLayoutOptions(
  kind: 'struct' | 'union',
  options: LayoutOptions | undefined,
): { name: string; pack: number; align: number } {
  const copy = readOptions(options, ['name', 'packed', 'pack', 'align'], kind);
  const name = copy.name === undefined ? kind : checkName(copy.name);
  const packed = copy.packed === undefined ? false : checkFlag(copy.packed, 'packed');
  const pack = copy.pack === undefined ? 0 : checkPack(copy.pack);
  if (packed && pack > 1)
    throw errors.invalid(`packed is the same as pack: 1; with pack: ${pack} leave it out`);
  return { name, pack: packed ? 1 : pack, align: copy.align === undefined ? 0 : checkAlignment(copy.align) };
}

function checkPack(value: unknown): number {
  return Number(
    checkChoice(typeof value === 'number' ? String(value) : value, ['1', '2', '4', '8', '16'], 'pack'),
  );
}

/** The fields as a copy that no getter can change later. */
function entriesOf(kind: string, fields: unknown): [string, FieldType][] {
  if (typeof fields !== 'object' || fields === null || FieldType.is(fields))
    throw errors.invalid(`the fields of a ${kind} must be an object of types, but are ${describe(fields)}`);
  const entries = Object.entries(fields);
  for (const [name, type] of entries) {
    checkFieldName(name);
    if (!FieldType.is(type)) throw errors.notAType(`field '${name}'`, type);
  }
  return entries as [string, FieldType][];
}

// Names are those of C, which also keeps away what JavaScript would put before the others: names that are numbers.
function checkFieldName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw errors.invalid(
      `a field is named as in C, with letters, digits and _, and no digit first, but not ${describe(name)}`,
    );
  }
  // What the language itself looks at: JSON.stringify, console.log and others would run into a number, or into an error.
  if (name === '__proto__' || name === 'constructor' || name === 'toJSON')
    throw errors.invalid(`a field cannot be called '${name}': to JavaScript that means something else`);
}
