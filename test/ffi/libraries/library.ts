import { describe } from 'vitest';

import { missingLibrary } from '../../lib/c-libraries.ts';
import { runChild } from '../../lib/child.ts';

/** A C library of the machine, tested in processes of their own: what it does without memory may end one. */
export interface Library {
  /** A group of tests; skipped, with the package that is missing, where there is no such library. The gate has all. */
  describe(tests: () => void): void;
  /** What a scenario of `fixtures/<name>.mjs` returns. */
  play<T>(scenario: string): Promise<T>;
}

/** What is left of a library that was tried without memory at each of its allocations. */
export interface FaultReport {
  /** How often the work was done, and how often of that without memory. */
  readonly rounds: number;
  readonly failures: number;
  /** What came of the others: the library's own errors, and how often each. */
  readonly errors: Readonly<Record<string, number>>;
  /** Rounds after which blocks lived. */
  readonly left: readonly { readonly index: number; readonly blocks: number }[];
  readonly misused: number;
  readonly wrongThreads: number;
}

/** A library by its soname, and the Debian package that has it. */
export function library(name: string, soname: string, debian: string): Library {
  const missing = missingLibrary(soname);
  const title = missing === undefined ? name : `${name} (skipped: ${missing}; apt-get install ${debian})`;
  const fixture = new URL(`fixtures/${name}.mjs`, import.meta.url);
  return {
    describe: (tests) => void describe.skipIf(missing !== undefined)(title, tests),
    play: async <T>(scenario: string) => {
      const { stdout } = await runChild(fixture, { args: [scenario] });
      return JSON.parse(stdout) as T;
    },
  };
}
