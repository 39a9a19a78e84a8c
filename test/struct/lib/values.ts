import type { Struct, StructArray } from 'freehold';
import type { Leaf } from './recipes.ts';

/** A value of a leaf: in JavaScript, and as C writes it. */
export interface Sample {
  readonly value: unknown;
  readonly c: string;
}

const BITS = {
  u8: 8,
  i8: 8,
  u16: 16,
  i16: 16,
  u32: 32,
  i32: 32,
  u64: 64,
  i64: 64,
  pointer: 64,
  usize: 64,
  isize: 64,
};

/** The `n`th value that a leaf can have; different ones lie near each other. */
export function sampleOf({ recipe }: Leaf, n: number): Sample {
  // Mixed, so that every byte is another.
  const mixed = BigInt.asUintN(64, BigInt(n + 1) * 0x9e37_79b9_7f4a_7c15n);
  if (recipe.kind === 'cString') {
    const text = Array.from({ length: n % recipe.length }, (_, index) => letter(n + index)).join('');
    return { value: text, c: JSON.stringify(text) };
  }
  if (recipe.kind === 'bytes') {
    const value = Buffer.from(
      Array.from({ length: recipe.length }, (_, index) => (n * 37 + index * 11) & 0xff),
    );
    return { value, c: `"${[...value].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"` };
  }
  const { name } = recipe;
  if (name === 'f32') return number(Math.fround(n * 1.37 - 1e3), 'f');
  if (name === 'f64') return number(n * 1.1e-3 - 1e6, '');
  if (name === 'bool') return { value: n % 2 === 1, c: String(n % 2) };
  if (name === 'char') return { value: letter(n), c: `'${letter(n)}'` };
  const bits = BITS[name];
  const signed = name.startsWith('i');
  const value = signed ? BigInt.asIntN(bits, mixed) : BigInt.asUintN(bits, mixed);
  const c = `(${name === 'pointer' ? 'void *' : name === 'usize' ? 'size_t' : name === 'isize' ? 'ptrdiff_t' : `${signed ? '' : 'u'}int${bits}_t`})0x${BigInt.asUintN(64, value).toString(16)}ULL`;
  return { value: bits === 64 ? value : Number(value), c };
}

function number(value: number, suffix: string): Sample {
  const text = value.toPrecision(17);
  return { value, c: /[.e]/.test(text) ? text + suffix : `${text}.0${suffix}` };
}

function letter(n: number): string {
  return String.fromCharCode(0x61 + (n % 26));
}

/** The path of a leaf in C. */
export function inC({ steps }: Leaf): string {
  return steps
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('');
}

/** What holds a leaf: a struct or an array. */
function holderOf(whole: Struct, { steps }: Leaf): [Struct | StructArray, string | number] {
  let holder: Struct | StructArray = whole;
  for (const step of steps.slice(0, -1)) holder = at(holder, step) as Struct | StructArray;
  return [holder, steps.at(-1)!];
}

function at(holder: Struct | StructArray, step: string | number): unknown {
  return typeof step === 'number'
    ? (holder as StructArray).get(step)
    : (holder as Record<string, unknown>)[step];
}

export function readLeaf(whole: Struct, leaf: Leaf): unknown {
  const value = at(...holderOf(whole, leaf));
  return leaf.recipe.kind === 'bytes' ? Buffer.from(value as Buffer) : value;
}

export function writeLeaf(whole: Struct, leaf: Leaf, value: unknown): void {
  const [holder, step] = holderOf(whole, leaf);
  if (typeof step === 'number') (holder as StructArray).set(step, value);
  else (holder as unknown as Record<string, unknown>)[step] = value;
}
