import { describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';

const program = new URL('fixtures/short-lived.mjs', import.meta.url);

// Express itself leaves some 3,600 bytes of each request, by properties that it adds once it has set a prototype.
describe.each(['http', 'fastify', 'koa', 'hono'])('%s', (framework) => {
  test.each(['{}', '{"context":false}', '{"serverTiming":true}'])(
    'a request with the options %s is gone with the next minor collection',
    async (options) => {
      // Optimised code allocates what it makes among the young whatever the parser says.
      const execArgv = ['--expose-gc', '--no-opt'];
      const { stdout } = await runChild(program, { args: [framework, options], execArgv });
      expect(Number(stdout)).toBeLessThan(500);
    },
  );
});
