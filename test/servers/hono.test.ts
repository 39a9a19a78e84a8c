import { once } from 'node:events';
import { get } from 'node:http';
import { Readable } from 'node:stream';
import { type HttpBindings, createAdaptorServer, upgradeWebSocket } from '@hono/node-server';
import type { Arena, Block, FreeholdError } from 'freehold';
import { arenas, currentArena, lazyArenas } from 'freehold/hono';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { mount } from 'hono/mount';
import { describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { behavesLikeAnAdapter, givesArenas, lastStock, routeNames } from './lib/adapter.ts';
import { deferred, listen } from './lib/serve.ts';

type ServerOptions = Parameters<typeof createAdaptorServer>[0];
type WebSocketServerLike = NonNullable<ServerOptions['websocket']>['server'];
type App = Hono<{ Bindings: HttpBindings }>;

/** Listens until the test is over; resolves with the URL. */
async function serveHono(app: Pick<App, 'fetch'>, more: Partial<ServerOptions> = {}): Promise<string> {
  const server = createAdaptorServer({ fetch: app.fetch, ...more });
  return `http://127.0.0.1:${await listen(server)}`;
}

const textOf = async (url: string) => (await fetch(url)).text();

describe('Hono', () => {
  behavesLikeAnAdapter(async ({ handle, early, options }) => {
    const app: App = new Hono();
    app.use(arenas(options));
    app.use(async (c, next) => {
      early?.({ incoming: c.env.incoming, arena: () => c.get('arena') });
      await next();
    });
    app.use(arenas(options));
    app.all('*', async (c) => {
      const { incoming } = c.env;
      const body = await handle({ incoming, arena: () => c.get('arena'), text: () => c.req.text() });
      return c.body(body instanceof Readable ? (Readable.toWeb(body) as ReadableStream) : (body as Block));
    });
    return Number(new URL(await serveHono(app)).port);
  });
});

describe('Hono, lazyArenas()', () => {
  givesArenas(async ({ handle, early, options }) => {
    const app: App = new Hono();
    const arenaOf = lazyArenas(options);
    app.all('*', async (c) => {
      const { incoming } = c.env;
      const arena = () => arenaOf(c);
      early?.({ incoming, arena });
      const body = await handle({ incoming, arena, text: () => c.req.text() });
      return c.body(body instanceof Readable ? (Readable.toWeb(body) as ReadableStream) : (body as Block));
    });
    return Number(new URL(await serveHono(app)).port);
  });
});

test('a block goes to the socket as it is: the very same object', async () => {
  const made: Block[] = [];
  const sent: unknown[] = [];
  const app: App = new Hono();
  app.use(async (c, next) => {
    const { outgoing } = c.env;
    const end = outgoing.end.bind(outgoing) as (chunk: unknown) => typeof outgoing;
    outgoing.end = ((chunk: unknown) => {
      sent.push(chunk);
      return end(chunk);
    }) as typeof outgoing.end;
    await next();
    c.res.headers.set('X-After', 'yes');
  });
  app.use(arenas());
  app.get('/', (c) => {
    const block = c.get('arena').string('the very same');
    made.push(block);
    return c.body(block, 200, { 'X-With': 'yes' });
  });
  const answer = await fetch(await serveHono(app));
  expect([await answer.text(), answer.headers.get('x-with'), answer.headers.get('x-after')]).toEqual([
    'the very same',
    'yes',
    'yes',
  ]);
  expect(sent).toEqual([expect.anything()]);
  expect(sent[0]).toBe(made[0]);
});

test('c.get() and c.var: the arena is one of the variables, and others are as they were', async () => {
  const app = new Hono<{ Variables: { user: string } }>();
  app.use(arenas());
  app.use(async (c, next) => {
    c.set('user', 'me');
    await next();
  });
  app.get('/', (c) => {
    const { get } = c;
    const same = c.var.arena === c.get('arena') && get('arena') === c.var.arena;
    return c.json([same, c.get('user'), c.var.user, Object.keys(c.var)]);
  });
  expect(await (await fetch(await serveHono(app))).json()).toEqual([true, 'me', 'me', ['user']]);
});

test('nested apps: by route() they share the context, by mount() the request; one request, one arena', async () => {
  const found: Arena[] = [];
  const nested: App = new Hono();
  nested.use(arenas({ limitBytes: 5000 }));
  nested.get('/', (c) => {
    found.push(c.get('arena'), c.var.arena, currentArena());
    return c.text(String(c.get('arena').limit));
  });
  const app: App = new Hono();
  app.use(arenas({ limitBytes: 9000 }));
  app.use(async (c, next) => {
    found.push(c.get('arena'));
    await next();
  });
  app.route('/routed', nested);
  app.all(
    '/mounted/*',
    mount(nested.fetch, ({ env }) => env as unknown),
  );
  const url = await serveHono(app);
  for (const path of ['/routed', '/mounted']) {
    found.length = 0;
    expect(await textOf(url + path)).toBe('9000');
    expect([found.length, new Set(found).size]).toEqual([4, 1]);
  }
  expect(await textOf(await serveHono(nested))).toBe('5000');
});

test('arenas know their route, also when a middleware asks first', async () => {
  const app = new Hono();
  app.use(arenas());
  const stock = lastStock();
  app.use('/early/*', async (c, next) => {
    c.get('arena').alloc(1);
    await next();
  });
  app.get('/users/:id', (c) => c.body(c.get('arena').string(`user ${c.req.param('id')}`)));
  app.get('/early/:id', (c) => c.text('early'));
  const api = new Hono();
  api.get('/things/:thing', (c) => c.body(c.get('arena').string('thing')));
  app.route('/api', api);
  const url = await serveHono(app);
  for (const path of ['/users/1', '/users/2', '/early/1', '/api/things/1']) await textOf(url + path);
  expect(routeNames(stock)).toEqual(['/api/things/:thing', '/early/:id', '/users/:id']);
});

test("app.onError() decides what a limit is answered with; without it the error's own response is sent and c.error is set", async () => {
  const seen: unknown[] = [];
  const limited = (app: Hono) => {
    app.use(async (c, next) => {
      await next();
      seen.push(c.error);
    });
    app.use(arenas({ limitBytes: 5000 }));
    app.get('/', (c) => c.body(c.get('arena').alloc(6000)));
    app.get('/other', () => {
      throw new HTTPException(418, { message: 'a teapot' });
    });
    return app;
  };
  const plain = await serveHono(limited(new Hono()));
  const decided = limited(new Hono()).onError((error, c) => c.text((error as FreeholdError).code, 500));
  const answers: unknown[] = [];
  for (const url of [plain, `${plain}/other`, await serveHono(decided)]) {
    const answer = await fetch(url);
    answers.push([answer.status, await answer.text()]);
  }
  expect(answers).toEqual([
    [503, 'Service Unavailable\n'],
    [418, 'a teapot'],
    [500, 'ERR_FREEHOLD_LIMIT'],
  ]);
  const limit: unknown = expect.objectContaining({ code: 'ERR_FREEHOLD_LIMIT' });
  expect(seen).toEqual([limit, expect.any(HTTPException), limit]);
});

test('on another server each request fails with ERR_FREEHOLD_INVALID_ARGUMENT, which says what is missing', async () => {
  const errors: unknown[] = [];
  const app = new Hono();
  app.use(arenas());
  app.get('/', (c) => c.text('never'));
  app.onError((error, c) => {
    errors.push(error);
    return c.text('', 500);
  });
  expect((await app.request('/')).status).toBe(500);
  expect((await app.fetch(new Request('http://test/'))).status).toBe(500);
  expect((await app.request('/', {}, { KV: {} })).status).toBe(500);
  const wanted: unknown = expect.objectContaining({
    code: 'ERR_FREEHOLD_INVALID_ARGUMENT',
    message: expect.stringMatching(/@hono\/node-server/) as string,
  });
  expect(errors).toEqual([wanted, wanted, wanted]);
});

test('a request that becomes a WebSocket passes, and its arena throws ERR_FREEHOLD_NO_REQUEST', async () => {
  const codes: unknown[] = [];
  // The types of ws do not say that it is what node-server asks for.
  const server = new WebSocketServer({ noServer: true }) as unknown as WebSocketServerLike;
  const app: App = new Hono();
  app.use(arenas());
  app.get(
    '/',
    async (c, next) => {
      try {
        c.get('arena').alloc(1);
      } catch (error) {
        codes.push((error as FreeholdError).code);
      }
      await next();
    },
    upgradeWebSocket(() => ({
      onOpen(_event, ws) {
        ws.send('open');
      },
    })),
  );
  const url = await serveHono(app, { websocket: { server } });
  const socket = new WebSocket(url.replace('http', 'ws'));
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(message.toString()).toBe('open');
  expect(codes).toEqual(['ERR_FREEHOLD_NO_REQUEST']);
  socket.terminate();
});

test('middleware runs in its order, and the block is there on the way back', async () => {
  const order: string[] = [];
  const app = new Hono();
  app.use(async (c, next) => {
    order.push('above');
    await next();
    order.push(`above again: ${(await c.res.clone().arrayBuffer()).byteLength}`);
  });
  app.use(arenas());
  app.use(async (c, next) => {
    order.push('below');
    await next();
    order.push(`below again: ${currentArena() === c.get('arena')}`);
  });
  app.get('/', (c) => c.body(c.get('arena').string('four')));
  expect(await textOf(await serveHono(app))).toBe('four');
  expect(order).toEqual(['above', 'below', 'below again: true', 'above again: 4']);
});

test('HEAD: no body, and the arena ends', async () => {
  const blocks: Block[] = [];
  const app = new Hono();
  app.use(arenas());
  app.get('/', (c) => {
    blocks.push(c.get('arena').string('not sent'));
    return c.body(blocks[0]);
  });
  const answer = await fetch(await serveHono(app), { method: 'HEAD' });
  expect([answer.status, await answer.text()]).toEqual([200, '']);
  await vi.waitFor(() => {
    expect(blocks[0].length).toBe(0);
  });
});

test('an aborted request tells its handler by the signal of Hono, and its arena throws', async () => {
  const codes = deferred<unknown>();
  const app: App = new Hono();
  app.use(arenas());
  app.get('/', async (c) => {
    c.get('arena').alloc(10);
    leave();
    await once(c.req.raw.signal, 'abort');
    try {
      c.get('arena').alloc(10);
    } catch (error) {
      codes.resolve((error as FreeholdError).code);
    }
    return c.text('nobody listens');
  });
  const request = get(await serveHono(app)).on('error', () => {});
  const leave = () => request.destroy();
  expect(await codes.promise).toBe('ERR_FREEHOLD_DISPOSED');
});

test('the arena has its type, by c.get() and c.var, in apps with and without types of their own', () => {
  const typed = new Hono<{ Bindings: HttpBindings; Variables: { user: string } }>();
  typed.use(arenas()).get('/', (c) => {
    const arena: Arena = c.get('arena');
    // @ts-expect-error: an arena is not a number, and not `any`
    const wrong: number = c.var.arena;
    return c.body(arena.string(c.var.user + String(wrong)));
  });
  new Hono().use('/*', arenas({ limitBytes: 10 })).get('/', (c) => {
    // @ts-expect-error: an arena is not a number, and not `any`
    const wrong: number = c.get('arena');
    return c.body(c.var.arena.string(String(wrong)));
  });
  // @ts-expect-error: options have names
  expect(() => arenas({ limitByte: 1 })).toThrow(/limitBytes/);
});
