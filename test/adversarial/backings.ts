/** Where chunks come from: mapped pages, or the engine, as where it takes no memory from outside. */
export const backings = [
  { backing: 'mapped pages', env: { FREEHOLD_BACKING: undefined } },
  { backing: 'engine memory', env: { FREEHOLD_BACKING: 'v8' } },
] as const;

/** A program of this folder. */
export function fixture(name: string): URL {
  return new URL(`fixtures/${name}.mjs`, import.meta.url);
}
