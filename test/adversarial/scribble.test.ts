import { describe, expect, test } from 'vitest';
import { portion } from '../lib/effort.ts';
import { backings, runFixture } from './fixtures.ts';

describe.each(backings)('over $backing', ({ env }) => {
  test.each([['pool'], ['heap'], ['heap-isolated']])(
    'a %s whose every reachable byte is overwritten answers a million operations as it should',
    async (kind) => {
      const operations = portion(kind === 'heap-isolated' ? 100_000 : 1_000_000);
      const { stdout } = await runFixture('scribble', { env, args: [kind, String(operations)] });
      expect(stdout).toBe(`${operations} operations\n`);
    },
  );
});
