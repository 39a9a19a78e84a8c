import { once } from 'node:events';
import { get } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { createGunzip, gzipSync } from 'node:zlib';
import type { Arena, Block, FreeholdError } from 'freehold';
import { type ArenasOptions, arenas, currentArena, lazyArenas } from 'freehold/fastify';
import { type FastifyInstance, type FastifyPluginAsync, type FastifyReply, fastify } from 'fastify';
import { fastifyPlugin } from 'fastify-plugin';
import { describe, expect, onTestFinished, test } from 'vitest';
import { behavesLikeAnAdapter, givesArenas, lastStock, routeNames } from './lib/adapter.ts';
import { closed, RawClient, deferred } from './lib/serve.ts';

const TEXT = { 'Content-Type': 'text/plain' };

/** Listens until the test is over; resolves with the URL. */
async function listen(app: FastifyInstance): Promise<string> {
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  return url;
}

const portOf = (url: string) => Number(new URL(url).port);
const textOf = async (url: string, init?: RequestInit) => (await fetch(url, init)).text();

describe('Fastify', () => {
  behavesLikeAnAdapter(async ({ handle, early, options }) => {
    const app = fastify();
    app.register(arenas, options ?? {});
    app.addHook('onRequest', async (request) => {
      early?.({ incoming: request.raw, arena: () => request.arena });
    });
    app.register(async (child) => {
      child.register(arenas, options ?? {});
      child.all('/*', async (request) =>
        handle({
          incoming: request.raw,
          arena: () => request.arena,
          text: () => Promise.resolve(request.body as string),
        }),
      );
    });
    return portOf(await listen(app));
  });
});

describe('Fastify, lazyArenas()', () => {
  givesArenas(async ({ handle, early, options }) => {
    const app = fastify();
    const arenaOf = lazyArenas(options);
    app.addHook('onRequest', async (request, reply) => {
      early?.({ incoming: request.raw, arena: () => arenaOf(reply) });
    });
    app.all('/*', async (request, reply) =>
      handle({
        incoming: request.raw,
        arena: () => arenaOf(reply),
        text: () => Promise.resolve(request.body as string),
      }),
    );
    return portOf(await listen(app));
  });
});

test('hooks fire in their order, and request.arena and currentArena() are the same in all of them until the response is over', async () => {
  const order: string[] = [];
  const over = deferred();
  const app = fastify();
  app.register(arenas);
  let arena: Arena | undefined;
  const seen = (hook: string, { arena: found }: { arena: Arena }) => {
    arena ??= found;
    order.push(found === arena && currentArena() === arena ? hook : `${hook}: another`);
  };
  app.addHook('onRequest', async (request) => seen('onRequest', request));
  app.addHook('preParsing', async (request, _reply, payload) => {
    seen('preParsing', request);
    return payload;
  });
  app.addHook('preValidation', async (request) => seen('preValidation', request));
  app.addHook('preHandler', async (request) => seen('preHandler', request));
  app.addHook('preSerialization', async (request, _reply, payload) => {
    seen('preSerialization', request);
    return payload;
  });
  app.addHook('onSend', async (request, _reply, payload) => {
    seen('onSend', request);
    return payload;
  });
  app.addHook('onResponse', async () => {
    await turn(); // whether the arena ends before or after this hook depends on who asked for it first
    order.push(`onResponse: ${String(arena?.disposed)}`);
    over.resolve();
  });
  app.post('/', async (request) => {
    await turn();
    seen('handler', request);
    return { body: request.body };
  });
  const answer = await fetch(await listen(app), {
    method: 'POST',
    body: '[1]',
    headers: { 'Content-Type': 'application/json' },
  });
  expect(await answer.json()).toEqual({ body: [1] });
  await over.promise;
  expect(order).toEqual([
    'onRequest',
    'preParsing',
    'preValidation',
    'preHandler',
    'handler',
    'preSerialization',
    'onSend',
    'onResponse: true',
  ]);
});

test('currentArena() is there in content-type parsers and behind a stream that preParsing puts in front of the body', async () => {
  const app = fastify();
  app.register(arenas);
  app.addHook('preParsing', async (request, _reply, payload) =>
    request.headers['content-encoding'] === 'gzip' ? payload.pipe(createGunzip()) : payload,
  );
  app.addContentTypeParser('application/parts', (request, payload, done) => {
    const parts: Block[] = [];
    payload.on('data', (chunk: Buffer) => parts.push(currentArena().copy(chunk)));
    payload.on('end', () => {
      done(null, { parts, same: currentArena() === request.arena });
    });
  });
  app.post('/', async (request) => {
    const { parts, same } = request.body as { parts: Block[]; same: boolean };
    return `${Buffer.concat(parts).toString()} ${same && currentArena() === request.arena}`;
  });
  const url = await listen(app);
  const headers = { 'Content-Type': 'application/parts' };
  expect(await textOf(url, { method: 'POST', body: 'plain', headers })).toBe('plain true');
  const zipped = { ...headers, 'Content-Encoding': 'gzip' };
  expect(await textOf(url, { method: 'POST', body: gzipSync('zipped'), headers: zipped })).toBe(
    'zipped true',
  );
});

test('registered in a child context: only there, and below it', async () => {
  const app = fastify();
  app.get('/', async (request) => String('arena' in request));
  app.register(
    async (child) => {
      child.register(arenas);
      child.get('/', async (request) => request.arena.string('child'));
      child.register(async (grandchild) => {
        grandchild.get('/below', async (request) => request.arena.string('grandchild'));
      });
    },
    { prefix: '/child' },
  );
  app.register(async (sibling) => {
    sibling.get('/sibling', async (request) => String('arena' in request));
  });
  const url = await listen(app);
  const answers = ['/', '/sibling', '/child', '/child/below'].map((path) => textOf(url + path));
  expect(await Promise.all(answers)).toEqual(['false', 'false', 'child', 'grandchild']);
});

test('a plugin of fastify-plugin may depend on it by name, and may itself register it', async () => {
  const greeter: FastifyPluginAsync = async (app) => {
    app.decorateReply('greet', function (this: FastifyReply) {
      return this.send(currentArena().string('greetings'));
    });
  };
  const dependent = fastifyPlugin(greeter, { name: 'greeter', fastify: '5.x', dependencies: ['freehold'] });
  const alone = fastify();
  alone.register(dependent);
  await expect(alone.ready()).rejects.toThrow(/dependency 'freehold'/);

  const wrapper = fastifyPlugin(async (app: FastifyInstance, options: ArenasOptions) => {
    await app.register(arenas, options);
    await app.register(dependent);
  });
  const app = fastify();
  app.register(wrapper, { limitBytes: 5000 });
  app.get('/', (_request, reply) => {
    (reply as typeof reply & { greet(): void }).greet();
  });
  app.get('/limit', async (request) => String(request.arena.limit));
  const url = await listen(app);
  expect([await textOf(url), await textOf(`${url}/limit`)]).toEqual(['greetings', '5000']);
});

test('registered twice in one context: the options of the first hold', async () => {
  const app = fastify();
  app.register(arenas, { limitBytes: 5000 });
  app.register(arenas, { limitBytes: 9000 });
  app.get('/', async (request) => String(request.arena.limit));
  expect(await textOf(await listen(app))).toBe('5000');
});

test('wrong options fail the registration, and those of Fastify itself pass', async () => {
  const wrong = fastify();
  wrong.register(arenas, { limitBytes: -1 });
  await expect(wrong.ready()).rejects.toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_INVALID_SIZE' }));
  const app = fastify();
  app.register(arenas, { limitBytes: 5000, prefix: '/unused', logLevel: 'warn' });
  await app.ready();
  await app.close();
});

test('another arena that is decorated already is not replaced: Fastify refuses', async () => {
  const app = fastify();
  app.decorateRequest('arena', { getter: () => 'of a circus' as unknown as Arena });
  app.register(arenas);
  await expect(app.ready()).rejects.toThrow(/already/);
});

test('hooks that were added before it have no arena, and are told so', async () => {
  const codes: unknown[] = [];
  const app = fastify();
  app.addHook('onRequest', async (request) => {
    try {
      request.arena.alloc(1);
    } catch (error) {
      codes.push((error as FreeholdError).code);
    }
  });
  app.decorateRequest('unrelated', 1);
  app.register(arenas);
  app.get('/', async (request) => request.arena.string('here'));
  expect(await textOf(await listen(app))).toBe('here');
  // The routes of an instance have the request of the instance, whatever was registered first.
  expect(codes).toEqual(['ERR_FREEHOLD_NO_REQUEST']);
});

test('arenas know their route; there is none for what is not found', async () => {
  const app = fastify();
  app.register(arenas);
  await app.after();
  const stock = lastStock();
  app.register(
    async (users) => {
      users.get('/:id', async (request) => request.arena.string('user'));
    },
    { prefix: '/users' },
  );
  app.setNotFoundHandler((request, reply) => {
    reply.status(404).send(request.arena.string('nowhere'));
  });
  const url = await listen(app);
  for (const path of ['/users/1', '/users/2']) expect(await textOf(url + path)).toBe('user');
  expect(await textOf(`${url}/elsewhere`)).toBe('nowhere');
  expect(routeNames(stock)).toEqual(['', '/users/:id']);
});

test('inject: requests without sockets have arenas that end', async () => {
  const kept: { arena: Arena; block: Block }[] = [];
  const app = fastify();
  app.register(arenas, { limitBytes: 100_000 });
  await app.after();
  const stock = lastStock();
  app.post('/', async (request) => {
    const block = currentArena().string(`hello ${request.body as string}`);
    kept.push({ arena: request.arena, block });
    return block;
  });
  app.get('/stream', async (request) => {
    const { arena } = request;
    return Readable.from([arena.string('a '), arena.string('stream')]);
  });
  app.get('/large', async (request) => request.arena.alloc(200_000));
  app.get('/broken', (request, reply) => {
    kept.push({ arena: request.arena, block: request.arena.string('broken') });
    reply.hijack();
    reply.raw.destroy();
  });
  const answer = await app.inject({ method: 'POST', url: '/', payload: 'you', headers: TEXT });
  expect([answer.statusCode, answer.payload]).toEqual([200, 'hello you']);
  expect((await app.inject('/stream')).payload).toBe('a stream');
  expect((await app.inject('/large')).statusCode).toBe(503);
  await expect(app.inject('/broken')).rejects.toThrow(/destroyed/);
  expect(kept.map(({ arena }) => arena.disposed)).toEqual([true, true]);
  expect(kept.map(({ block }) => block.length)).toEqual([0, 6]);
  expect(stock.inUse).toBe(0);
});

test('reply.hijack(): what is written by hand is awaited as well', async () => {
  const blocks: Block[] = [];
  const app = fastify();
  app.register(arenas);
  app.get('/', (request, reply) => {
    reply.hijack();
    blocks.push(request.arena.string('by '), request.arena.string('hand'));
    reply.raw.write(blocks[0]);
    setImmediate(() => reply.raw.end(blocks[1]));
  });
  expect(await textOf(await listen(app))).toBe('by hand');
  expect(blocks.map((block) => block.length)).toEqual([0, 0]);
});

test('error handlers may still use the arena', async () => {
  const app = fastify();
  app.register(arenas);
  app.setErrorHandler((error, request, reply) => {
    reply.status(500).send(request.arena.string(`sorry: ${(error as Error).message}`));
  });
  app.get('/', async (request) => {
    request.arena.alloc(10);
    await turn();
    throw new Error('mistake');
  });
  expect(await textOf(await listen(app))).toBe('sorry: mistake');
});

test('onRequestAbort runs for its request, whose arena is gone and whose blocks are not', async () => {
  const told = deferred<unknown[]>();
  const begun = deferred();
  const app = fastify();
  app.register(arenas);
  let block: Block | undefined;
  app.addHook('onRequestAbort', async (request) => {
    await closed(request.raw);
    const codes = [() => request.arena, () => currentArena()].map((ask) => {
      try {
        return ask();
      } catch (error) {
        return (error as FreeholdError).code;
      }
    });
    told.resolve([...codes, block?.toString()]);
  });
  app.get('/', (request, reply) => {
    block = request.arena.string('kept');
    reply.hijack();
    begun.resolve();
  });
  const request = get(await listen(app)).on('error', () => {});
  await begun.promise;
  request.destroy();
  expect(await told.promise).toEqual(['ERR_FREEHOLD_DISPOSED', 'ERR_FREEHOLD_DISPOSED', 'kept']);
});

test('onTimeout: the connection breaks, and the blocks of the late handler stay valid', async () => {
  const told = deferred();
  const gone = deferred();
  const app = fastify({ connectionTimeout: 50 });
  app.register(arenas);
  let kept: { arena: Arena; block: Block } | undefined;
  app.addHook('onTimeout', async () => {
    told.resolve();
  });
  app.get('/', (request) => {
    kept = { arena: request.arena, block: request.arena.string('late') };
    void closed(request.raw).then(gone.resolve);
    return new Promise(() => {}); // never answers
  });
  const client = await RawClient.connect(portOf(await listen(app)));
  client.get('/');
  await told.promise;
  await gone.promise;
  expect([kept?.arena.disposed, kept?.block.toString()]).toEqual([true, 'late']);
});

test('handlerTimeout: the response of the timeout ends the arena, and the late handler is told', async () => {
  const code = deferred<unknown>();
  const app = fastify();
  app.register(arenas);
  app.get('/', { handlerTimeout: 20 }, async (request) => {
    const { arena } = request;
    arena.alloc(10);
    await once(request.signal, 'abort');
    while (!arena.disposed) await turn();
    try {
      arena.alloc(10);
    } catch (error) {
      code.resolve((error as FreeholdError).code);
    }
    return 'too late';
  });
  expect((await fetch(await listen(app))).status).toBe(503);
  expect(await code.promise).toBe('ERR_FREEHOLD_DISPOSED');
});

test('the arena has its type, and options have theirs', () => {
  const app = fastify();
  app.register(arenas, { limitBytes: 1, context: false });
  app.register(arenas, () => ({ reset: 'detach' as const }));
  app.get<{ Params: { id: string } }>('/:id', async (request) => {
    const arena: Arena = request.arena;
    // @ts-expect-error: an arena is not a number, and not `any`
    const wrong: number = request.arena;
    // @ts-expect-error: it cannot be replaced
    request.arena = arena;
    return arena.string(request.params.id + String(wrong));
  });
  // @ts-expect-error: options have names
  app.register(arenas, { limitByte: 1 });
});
