import { describe, expect, test } from 'vitest';

import { backing } from '../lib/memory.ts';
import { type ChildOptions, type ChildResult, runChild } from '../lib/child.ts';
import { compileLibrary, hasCompiler } from './lib/library.ts';

describe.runIf(hasCompiler && backing === 'pages')('a program that does what it likes', () => {
  const library = compileLibrary();

  function run(fixture: string, args: string[] = [], options: ChildOptions = {}): Promise<ChildResult> {
    const file = new URL(`./fixtures/${fixture}.mjs`, import.meta.url);
    return runChild(file, { ...options, args: [library, ...args], execArgv: ['--expose-gc'] });
  }

  test('does not end the process by values, getters, free functions and operations of its own', async () => {
    const { stdout } = await run('hostile');
    expect(stdout).toMatch(/^\d+ checks\n$/);
  });

  test('ends workers with adopted memory and loans: what is attached is freed, what moved or was lent is not', async () => {
    const { stdout } = await run('workers');
    expect(stdout).toBe('5 workers ended, 5 memories received\n');
  });

  test('loads the package in workers only: the functions that libraries were given stay loaded', async () => {
    await run('workers', ['without us']);
  });

  test.each([
    ['by its end', 'end', {}],
    ['by process.exit()', 'exit', { status: 4 }],
    ['by an error', 'throw', { status: 1, stderr: 'any' as const }],
  ])(
    'ends the process %s with all of it outstanding: no function is called then',
    async (_how, end, expected) => {
      const { stdout } = await run('exit', [end], { expect: expected });
      expect(stdout).toBe('60 outstanding, freed 0\n');
    },
  );

  test('stays alive while it waits for a loan, and not for one that it only has', async () => {
    expect((await run('alive', ['waits'])).stdout).toBe('done, 0 blocks\n');
    expect((await run('alive', [''])).stdout).toBe('');
  });
});
