import { type ChildOptions, type ChildResult, runChild } from '../lib/child.ts';

/** Where chunks come from: mapped pages, or the engine, as where it takes no memory from outside. */
export const backings = [
  { backing: 'mapped pages', env: { FREEHOLD_BACKING: undefined } },
  { backing: 'engine memory', env: { FREEHOLD_BACKING: 'v8' } },
] as const;

/** Runs a program of the folder `fixtures` in a child process. */
export function runFixture(name: string, options: ChildOptions = {}): Promise<ChildResult> {
  return runChild(new URL(`fixtures/${name}.mjs`, import.meta.url), options);
}

/** The same, and how many checks it made: a program that ends before its checks has shown nothing. */
export async function checksOf(name: string, options: ChildOptions = {}): Promise<number> {
  const { stdout } = await runFixture(name, options);
  return Number.parseInt(/(\d+) checks/.exec(stdout)?.[1] ?? '0');
}
