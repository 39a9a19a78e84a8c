import { describe, expect, test } from 'vitest';

import { backings, checksOf } from './fixtures.ts';

describe.each(backings)('over $backing', ({ env }) => {
  test('methods that the end of the stack or a timeout of node:vm cuts off leave no shared bytes and a working arena', async () => {
    expect(await checksOf('interrupted', { env })).toBe(28);
  });

  test('growth, frees and trims of pools and heaps that are cut off so never hand a live block out again', async () => {
    expect(await checksOf('interrupted-pools', { env })).toBe(6);
  });
});
