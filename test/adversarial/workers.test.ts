import { describe, expect, test } from 'vitest';

import { portion } from '../lib/effort.ts';
import { backings, runFixture } from './fixtures.ts';

describe.each(backings)('over $backing', ({ backing, env }) => {
  // 13 of 18 are terminated: more than 200 of them.
  const count = portion(backing === 'mapped pages' ? 288 : 54, 18);

  test(`${count} workers end, most by terminate() at random moments of their work, and what they moved stays whole`, async () => {
    const options = { env, args: [`${count}`, 'run'], execArgv: ['--expose-gc'], timeoutMs: 110_000 };
    const { stdout } = await runFixture('workers', options);
    expect(stdout).toContain(`${count} workers ended`);
  }, 120_000);

  test('the end of a worker gives the memory of its allocators back', async () => {
    await runFixture('worker-memory', { env });
  });

  test('blocks with pages of their own that a worker moved away stay whole, however it ends', async () => {
    const { stdout } = await runFixture('page-blocks', { env, execArgv: ['--expose-gc'] });
    expect(stdout).toBe('90 blocks moved\n');
  });

  test('the process exits while workers load the addon and allocate', async () => {
    await runFixture('workers', { env, args: ['6', 'exit'], expect: 5 });
  });
});
