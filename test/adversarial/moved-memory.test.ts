import { describe, expect, test } from 'vitest';

import { backings, checksOf, runFixture } from './fixtures.ts';

describe.each(backings)('over $backing', ({ env }) => {
  test('memory that was transferred keeps its contents, and shares no byte with what comes after', async () => {
    expect(await checksOf('transfers', { env })).toBeGreaterThan(600);
  });

  // How the process, or the worker, ends with buffers that the program has forbidden to detach.
  test.each([
    ['main', 'normal', 0, /^$/],
    ['main', 'gc', 0, /^$/],
    ['main', 'exit', 7, /^$/],
    ['main', 'throw', 1, /on purpose/],
    ['worker', 'normal', 0, /^$/],
    ['worker', 'exit', 7, /^$/],
    ['worker', 'throw', 1, /^$/],
    ['worker', 'terminate', 1, /^$/],
  ])('markAsUntransferable, then the end of a %s thread by %s', async (thread, end, ownStatus, stderr) => {
    const status = thread === 'worker' ? 0 : ownStatus;
    const options = { env, args: [end, thread], execArgv: ['--expose-gc'], expect: { status, stderr } };
    const { stdout } = await runFixture('untransferable', options);
    expect(stdout).toContain(thread === 'worker' ? `worker status ${ownStatus}` : '21 checks');
  });
});
