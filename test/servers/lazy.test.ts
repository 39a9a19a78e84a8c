// What functions of lazyArenas() do beside what all adapters do; the rest is tested with each framework.
import type { Arena } from 'freehold';
import { type LazyArenasOptions, arenaHandler, lazyArenas, readBody } from 'freehold/http';
import { lazyArenas as ofExpress } from 'freehold/express';
import { lazyArenas as ofFastify } from 'freehold/fastify';
import { lazyArenas as ofHono } from 'freehold/hono';
import { lazyArenas as ofKoa } from 'freehold/koa';
import { describe, expect, test } from 'vitest';
import { givesArenas } from './lib/adapter.ts';
import { deferred, serve } from './lib/serve.ts';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';

describe('node:http, lazyArenas()', () => {
  givesArenas(async ({ handle, early, options }) => {
    const arenaOf = lazyArenas(options);
    const { port } = await serve((incoming, response) => {
      const arena = () => arenaOf(incoming, response);
      early?.({ incoming, arena });
      Promise.resolve()
        .then(() => handle({ incoming, arena, text: () => text(incoming) }))
        .then((body) => {
          if (body instanceof Readable) body.pipe(response);
          else response.end(body);
        })
        .catch((error: unknown) => {
          response.writeHead((error as { statusCode?: number }).statusCode ?? 500).end();
        });
    });
    return port;
  });
});

test('a request that has an arena keeps it, whoever is asked', async () => {
  const found = deferred<Arena[]>();
  const [first, second] = [lazyArenas(), lazyArenas({ limitBytes: 10 })];
  const { url } = await serve(
    arenaHandler((request, response) => {
      found.resolve([request.arena, first(request, response), second(request, response)]);
      response.end();
    }),
  );
  await fetch(url);
  const [own, ...others] = await found.promise;
  expect(others).toEqual([own, own]);
});

test('once it was asked for, request.arena is there, and readBody() reads into it', async () => {
  const arenaOf = lazyArenas();
  const { url } = await serve((request, response) => {
    const before = 'arena' in request;
    const arena = arenaOf(request, response);
    void readBody(request).then((body) => {
      const after = (request as typeof request & { arena: Arena }).arena === arena;
      response.end(JSON.stringify([before, after, arena.used >= body.length, String(body)]));
    });
  });
  const answer = await fetch(url, { method: 'POST', body: 'read' });
  expect(await answer.json()).toEqual([false, true, true, 'read']);
});

test('when the response has ended, asking throws ERR_FREEHOLD_DISPOSED', async () => {
  const arenaOf = lazyArenas();
  const thrown = deferred<unknown>();
  const { url } = await serve((request, response) => {
    response.end();
    try {
      arenaOf(request, response);
    } catch (error) {
      thrown.resolve(error);
    }
  });
  await fetch(url);
  expect(await thrown.promise).toMatchObject({ code: 'ERR_FREEHOLD_DISPOSED' });
});

test.each([
  ['http', lazyArenas],
  ['express', ofExpress],
  ['fastify', ofFastify],
  ['hono', ofHono],
  ['koa', ofKoa],
])('lazyArenas() of %s has no options that need a middleware', (_name, make) => {
  for (const options of [{ context: true }, { serverTiming: true }, { limitBytes: -1 }, 1])
    expect(() => make(options as LazyArenasOptions)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_FREEHOLD_INVALID_(ARGUMENT|SIZE)$/) }),
    );
});
