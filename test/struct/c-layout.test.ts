import { describe, expect, test } from 'vitest';
import { Heap, addressOf, alignOf, create, destroy, offsetOf, sizeOf } from 'freehold';
import { PRELUDE, compilers, load } from './lib/compiler.ts';
import { layoutOf, leavesOf, pathsOf, sampleLayouts } from './lib/recipes.ts';
import { inC, readLeaf, sampleOf, writeLeaf } from './lib/values.ts';

const recipes = sampleLayouts(200);
const layouts = recipes.map(layoutOf);
const offset = offsetOf;

/** Assigns to, or compares, one leaf of `*p`. */
function statement(leaf: ReturnType<typeof leavesOf>[number], n: number, write: boolean): string {
  const place = `p->${inC(leaf)}`;
  const { c } = sampleOf(leaf, n);
  if (leaf.recipe.kind === 'scalar') return write ? `${place} = ${c};` : `if (${place} != ${c}) return ${n};`;
  const size = `sizeof ${place}`;
  if (leaf.recipe.kind === 'bytes')
    return write ? `memcpy(${place}, ${c}, ${size});` : `if (memcmp(${place}, ${c}, ${size})) return ${n};`;
  return write ? `strcpy(${place}, ${c});` : `if (strcmp(${place}, ${c})) return ${n};`;
}

function functionsOf(index: number): string {
  const leaves = leavesOf(recipes[index]);
  const type = `s${index}`;
  const facts = [`sizeof(${type})`, `ALIGNOF(${type})`].concat(
    pathsOf(recipes[index]).map((path) => `offsetof(${type}, ${path})`),
  );
  return `
${layouts[index].toC(type)}
EXPORT void facts${index}(uint64_t *to) { ${facts.map((fact, at) => `to[${at}] = ${fact};`).join(' ')} }
EXPORT void fill${index}(void *at) { ${type} *p = (${type} *)at; ${leaves.map((leaf, n) => statement(leaf, n, true)).join('\n')} }
EXPORT int differs${index}(void *at) { ${type} *p = (${type} *)at; ${leaves.map((leaf, n) => statement(leaf, n + 1000, false)).join('\n')} return -1; }
`;
}

test('the layouts that are compared are of every kind', () => {
  const text = JSON.stringify(recipes);
  for (const word of [
    '"pack":2',
    '"packed":true',
    '"align":64',
    '"union"',
    '"array"',
    '"cString"',
    '"bytes"',
    '"pointer"',
  ])
    expect(text).toContain(word);
  expect(new Set(layouts.map(sizeOf)).size).toBeGreaterThan(50);
});

describe.each(compilers())('%s agrees', (compiler) => {
  const library = load(compiler, PRELUDE + layouts.map((_, index) => functionsOf(index)).join('\n'));

  test('on the size, the alignment and all offsets of 200 layouts', () => {
    for (const [index, layout] of layouts.entries()) {
      const paths = pathsOf(recipes[index]);
      const facts = new BigUint64Array(paths.length + 2);
      library.func(`void facts${index}(_Out_ uint64_t *)`)(facts);
      const [size, alignment, ...offsets] = [...facts].map(Number);
      const declared = layout.toC(`s${index}`);
      expect({ size: sizeOf(layout), alignment: alignOf(layout) }, declared).toEqual({ size, alignment });
      expect(
        paths.map((path) => [path, offset(layout, path)]),
        declared,
      ).toEqual(paths.map((path, at) => [path, offsets[at]]));
    }
  });

  test('on every value: what C has written is read, and what is written C reads', () => {
    using heap = new Heap();
    for (const [index, layout] of layouts.entries()) {
      const leaves = leavesOf(recipes[index]);
      const declared = layout.toC(`s${index}`);
      const p = create(heap, layout);
      library.func(`void fill${index}(uintptr_t)`)(addressOf(p));
      for (const [n, leaf] of leaves.entries())
        expect(readLeaf(p, leaf), `${inC(leaf)} in\n${declared}`).toEqual(sampleOf(leaf, n).value);
      for (const [n, leaf] of leaves.entries()) writeLeaf(p, leaf, sampleOf(leaf, n + 1000).value);
      const differs = library.func(`int differs${index}(uintptr_t)`)(addressOf(p)) as number;
      expect(differs === -1 ? 'nothing' : inC(leaves[differs - 1000]), declared).toBe('nothing');
      destroy(p);
    }
    expect(heap.stats().blocks).toBe(0);
  });
});
