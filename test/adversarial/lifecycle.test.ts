import { describe, expect, test } from 'vitest';

import { backings, checksOf } from './fixtures.ts';

describe.each(backings)('over $backing', ({ env }) => {
  test('use after dispose, and an end of the memory inside of getters, callbacks and species, give errors and no newer bytes', async () => {
    expect(await checksOf('lifecycle', { env })).toBeGreaterThan(190);
  });

  test('built-ins that are replaced after freehold was loaded never let a stale view see or write newer bytes', async () => {
    expect(await checksOf('pollution', { env, args: ['arena'] })).toBeGreaterThan(3000);
  });

  test.each(['pool', 'heap', 'rc'])(
    'built-ins that are replaced after freehold was loaded never make a %s hand out a live block again',
    async (subject) => {
      expect(await checksOf('pollution', { env, args: [subject] })).toBeGreaterThan(1500);
    },
  );
});
