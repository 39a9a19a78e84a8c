import { describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';
import { backings, fixture } from './backings.ts';

/** Runs a fixture, and holds it to having checked something. */
async function checks(name: string, env: Record<string, string | undefined>): Promise<number> {
  const { stdout } = await runChild(fixture(name), { env });
  return Number.parseInt(/(\d+) checks/.exec(stdout)?.[1] ?? '0');
}

describe.each(backings)('over $backing', ({ env }) => {
  test('every numeric parameter gives its documented error or the right result for every value', async () => {
    expect(await checks('numbers', env)).toBeGreaterThan(4000);
  });

  test('sizes that the machine may not have give the memory or ERR_FREEHOLD_OUT_OF_MEMORY', async () => {
    expect(await checks('huge', env)).toBeGreaterThan(80);
  });

  test('every member on a receiver of another kind throws ERR_FREEHOLD_INVALID_RECEIVER', async () => {
    expect(await checks('receivers', env)).toBeGreaterThan(1200);
  });

  test('false blocks, marks, bytes, texts, classes, options and functions give their errors', async () => {
    expect(await checks('arguments', env)).toBeGreaterThan(200);
  });
});
