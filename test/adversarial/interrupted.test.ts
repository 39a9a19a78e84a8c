import { describe, expect, test } from 'vitest';

import { backings, checksOf } from './fixtures.ts';

describe.each(backings)('over $backing', ({ env }) => {
  test('methods that the end of the stack or a timeout of node:vm cuts off leave no shared bytes and a working arena', async () => {
    expect(await checksOf('interrupted', { env })).toBe(28);
  });
});
