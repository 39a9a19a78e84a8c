import { describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';

const program = new URL('fixtures/short-lived.mjs', import.meta.url);

interface Kind {
  readonly options?: string;
  readonly env?: Record<string, string>;
}

/** Bytes of each request that are left until a full collection; without options, of the framework alone. */
async function left(framework: string, { options = 'null', env = {} }: Kind = {}): Promise<number> {
  // Optimised code allocates what it makes among the young whatever the parser says; in a heap that has room no full collection
  // comes in between.
  const execArgv = ['--expose-gc', '--no-opt', '--initial-heap-size=1024'];
  const { stdout } = await runChild(program, { args: [framework, options], execArgv, env });
  return Number(stdout);
}

const OPTIONS = ['{}', '{"context":false}'];

describe.each(['http', 'express', 'fastify', 'koa', 'hono'])('%s', (framework) => {
  test.each([...OPTIONS, '{"serverTiming":true}'])(
    'a request with the options %s is gone with the next minor collection',
    async (options) => {
      expect(await left(framework, { options })).toBeLessThan(500);
    },
  );
});

// Without messageClasses() Express itself leaves some 11,300 bytes (on Node 20), by properties that it adds once it has set a prototype.
test.each(OPTIONS)(
  'arenas() with the options %s adds nothing to what Express leaves of a request',
  async (options) => {
    const env = { MESSAGES: 'express' };
    expect(await left('express', { options, env })).toBeLessThan((await left('express', { env })) + 500);
  },
);

test.runIf(Number.parseInt(process.versions.v8, 10) <= 12)(
  'messageClasses() are what Express leaves much less with',
  async () => {
    expect(await left('express', { env: { MESSAGES: 'express' } })).toBeGreaterThan(5000);
    expect(await left('express')).toBeLessThan(500);
  },
);
