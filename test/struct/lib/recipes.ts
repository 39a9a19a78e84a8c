import fc from 'fast-check';
import {
  type FieldType,
  type Layout,
  type LayoutOptions,
  arrayOf,
  bool,
  bytes,
  cString,
  char,
  f32,
  f64,
  i16,
  i32,
  i64,
  i8,
  isize,
  pointer,
  struct,
  u16,
  u32,
  u64,
  u8,
  union,
  usize,
} from 'freehold';

export const SCALARS = {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  u64,
  i64,
  f32,
  f64,
  bool,
  char,
  pointer,
  usize,
  isize,
} as const;

/** A type as data, of which layouts, C and values are made. */
export type Recipe =
  | { readonly kind: 'scalar'; readonly name: keyof typeof SCALARS }
  | { readonly kind: 'cString'; readonly length: number }
  | { readonly kind: 'bytes'; readonly length: number }
  | { readonly kind: 'array'; readonly element: Recipe; readonly length: number }
  | LayoutRecipe;

export interface LayoutRecipe {
  readonly kind: 'struct' | 'union';
  readonly fields: readonly Recipe[];
  readonly options: LayoutOptions;
}

const { layout } = fc.letrec<{ layout: LayoutRecipe; field: Recipe }>((tie) => ({
  field: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      kind: fc.constant('scalar' as const),
      name: fc.constantFrom(...(Object.keys(SCALARS) as (keyof typeof SCALARS)[])),
    }),
    fc.record({
      kind: fc.constantFrom('cString' as const, 'bytes' as const),
      length: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({
      kind: fc.constant('array' as const),
      element: tie('field'),
      length: fc.integer({ min: 1, max: 4 }),
    }),
    tie('layout'),
  ),
  layout: fc.record({
    kind: fc.constantFrom('struct' as const, 'struct' as const, 'union' as const),
    fields: fc.array(tie('field'), { minLength: 1, maxLength: 6 }),
    options: fc.oneof(
      { weight: 4, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.constant({ packed: true }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom({ pack: 1 }, { pack: 2 }, { pack: 4 }, { pack: 8 }, { pack: 16 }),
      },
      { weight: 1, arbitrary: fc.constantFrom({ align: 2 }, { align: 16 }, { align: 64 }) },
      { weight: 1, arbitrary: fc.constantFrom({ pack: 2, align: 8 }, { packed: true, align: 32 }) },
    ),
  }),
}));

/** The same layouts each time. */
export function sampleLayouts(count: number): LayoutRecipe[] {
  return fc.sample(layout, { numRuns: count, seed: 5 });
}

export function typeOf(recipe: Recipe): FieldType {
  if (recipe.kind === 'scalar') return SCALARS[recipe.name];
  if (recipe.kind === 'cString') return cString(recipe.length);
  if (recipe.kind === 'bytes') return bytes(recipe.length);
  return recipe.kind === 'array' ? arrayOf(typeOf(recipe.element), recipe.length) : layoutOf(recipe);
}

export function layoutOf({ kind, fields, options }: LayoutRecipe): Layout {
  const make = kind === 'struct' ? struct : union;
  return make(Object.fromEntries(fields.map((field, index) => [`f${index}`, typeOf(field)])), options);
}

/** Paths of all fields, of the fields in them, and of first and last elements. */
export function pathsOf(recipe: Recipe, path = ''): string[] {
  if (recipe.kind === 'array') {
    return [...new Set([0, recipe.length - 1])].flatMap((index) => {
      const element = `${path}[${index}]`;
      return [element, ...pathsOf(recipe.element, element)];
    });
  }
  if (recipe.kind !== 'struct' && recipe.kind !== 'union') return [];
  return recipe.fields.flatMap((field, index) => {
    const name = path === '' ? `f${index}` : `${path}.f${index}`;
    return [name, ...pathsOf(field, name)];
  });
}

/** A value in a struct: where C and JavaScript find it, and what it is. */
export interface Leaf {
  /** The names and indices on the way to it. */
  readonly steps: readonly (string | number)[];
  readonly recipe: Exclude<Recipe, LayoutRecipe | { kind: 'array' }>;
}

/** All values that can be there at once: of a union one field. */
export function leavesOf(recipe: Recipe, steps: readonly (string | number)[] = []): Leaf[] {
  if (recipe.kind === 'array')
    return Array.from({ length: recipe.length }, (_, index) =>
      leavesOf(recipe.element, [...steps, index]),
    ).flat();
  if ('fields' in recipe) {
    const chosen = steps.length % recipe.fields.length;
    return recipe.fields.flatMap((field, index) =>
      recipe.kind === 'union' && index !== chosen ? [] : leavesOf(field, [...steps, `f${index}`]),
    );
  }
  return [{ steps, recipe }];
}
