// Handlers that fail, and options that make no sense.
import { type ServerResponse, createServer } from 'node:http';
import type { Block } from 'freehold';
import { arenas } from 'freehold/express';
import { type ArenaRequestHandler, type ArenaServerOptions, arenaHandler } from 'freehold/http';
import { expect, test } from 'vitest';
import { RawClient, deferred, serve } from './lib/serve.ts';
import { runChild } from '../lib/child.ts';

/** A server whose handler fails, and the errors that it reports. */
async function failing(handler: ArenaRequestHandler) {
  const errors: unknown[] = [];
  const told = deferred();
  const onError = (error: unknown) => {
    errors.push(error);
    told.resolve();
  };
  return { errors, told: told.promise, ...(await serve(arenaHandler(handler, { onError }))) };
}

const failures: Record<string, (error: Error) => unknown> = {
  throws: (error) => {
    throw error;
  },
  rejects: (error) => Promise.reject(error),
  'gives a thenable that rejects': (error) => ({
    then: (_resolve: unknown, reject: (error: unknown) => void) => reject(error),
  }),
};

for (const [how, fail] of Object.entries(failures)) {
  test(`a handler that ${how}: 500 without what it had prepared, onError is told, the arena ends`, async () => {
    const error = new Error('mistake');
    let block: Block | undefined;
    const { url, errors } = await failing((request, response) => {
      block = request.arena.alloc(100);
      response.setHeader('Content-Length', 7);
      response.setHeader('X-Prepared', 'yes');
      response.statusMessage = 'Fine';
      return fail(error);
    });
    const response = await fetch(url);
    expect([response.status, response.statusText]).toEqual([500, 'Internal Server Error']);
    expect(response.headers.get('x-prepared')).toBe(null);
    expect(await response.text()).toBe('Internal Server Error\n');
    expect(errors).toEqual([error]);
    expect(block!.length).toBe(0);
  });
}

test('a handler that fails after the response has begun breaks the connection, so that the client knows', async () => {
  const error = new Error('mistake');
  const { port, errors, told } = await failing(async (request, response) => {
    response.write(request.arena.string('half'));
    await new Promise((resolve) => setImmediate(resolve));
    throw error;
  });
  const client = await RawClient.connect(port);
  client.get('/');
  const all = (await client.end()).toString();
  await told;
  expect(all).toContain('half');
  expect(all).not.toContain('\r\n0\r\n\r\n');
  expect(errors).toEqual([error]);
});

test('a handler that fails after the response was ended harms nobody', async () => {
  const error = new Error('late');
  const { url, errors, told } = await failing((request, response) => {
    response.end(request.arena.string('whole'));
    throw error;
  });
  expect(await (await fetch(url)).text()).toBe('whole');
  await told;
  expect(errors).toEqual([error]);
});

test('a limit that is reached is answered with 503', async () => {
  const errors: unknown[] = [];
  const { url } = await serve(
    arenaHandler((request, response) => response.end(request.arena.alloc(20_000)), {
      limitBytes: 10_000,
      onError: (error) => errors.push(error),
    }),
  );
  expect((await fetch(url)).status).toBe(503);
  expect(errors).toEqual([expect.objectContaining({ code: 'ERR_FREEHOLD_LIMIT' })]);
});

test('without onError the error is printed, and the server goes on', async () => {
  const { stdout } = await runChild(
    `
    import { createServer } from 'node:http';
    import { arenaHandler } from 'freehold/http';
    const server = createServer(arenaHandler(() => { throw new Error('the mistake'); }));
    server.listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port;
      console.log((await fetch(url)).status, (await fetch(url)).status);
      server.close();
      server.closeAllConnections();
    });
  `,
    { expect: { stderr: /the mistake[^]*the mistake/ } },
  );
  expect(stdout).toBe('500 500\n');
});

const wrongOptions: [string, unknown, string, RegExp][] = [
  ['a word', 'x', 'ERR_FREEHOLD_INVALID_ARGUMENT', /must be an object/],
  ['null', null, 'ERR_FREEHOLD_INVALID_ARGUMENT', /must be an object/],
  [
    'a name that is not known',
    { maxPool: 1 },
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    /did you mean 'maxPooledBytes'/,
  ],
  ['a negative maxPooledBytes', { maxPooledBytes: -1 }, 'ERR_FREEHOLD_INVALID_SIZE', /maxPooledBytes/],
  ['a fraction', { idleMs: 1.5 }, 'ERR_FREEHOLD_INVALID_SIZE', /idleMs/],
  ['a listener that is none', { onLimit: 1 }, 'ERR_FREEHOLD_INVALID_ARGUMENT', /onLimit/],
  ['a flag that is none', { context: 1 }, 'ERR_FREEHOLD_INVALID_ARGUMENT', /context/],
  ['a small first chunk', { initialBytes: 10 }, 'ERR_FREEHOLD_INVALID_SIZE', /initialBytes/],
  ['a limit that is no number', { limitBytes: '1' }, 'ERR_FREEHOLD_INVALID_SIZE', /limitBytes/],
  ['a retain policy that is not known', { retain: 'some' }, 'ERR_FREEHOLD_INVALID_ARGUMENT', /retain/],
];

for (const [what, options, code, message] of wrongOptions) {
  test(`options are checked before the first request: ${what}`, () => {
    const wanted = expect.objectContaining({ code, message: expect.stringMatching(message) as string });
    expect(() => arenaHandler(() => {}, options as ArenaServerOptions)).toThrow(wanted);
    expect(() => arenas(options as ArenaServerOptions)).toThrow(wanted);
  });
}

test('a handler or an onError that is no function is refused', () => {
  const wanted = expect.objectContaining({ code: 'ERR_FREEHOLD_INVALID_ARGUMENT' });
  expect(() => arenaHandler(undefined as unknown as ArenaRequestHandler)).toThrow(wanted);
  expect(() => arenaHandler(() => {}, { onError: 1 as unknown as () => void })).toThrow(wanted);
  expect(() => arenas({ onError: () => {} } as ArenaServerOptions)).toThrow(wanted);
});

test('the listener is a RequestListener', () => {
  createServer(arenaHandler((_request, response: ServerResponse) => response.end()));
});
