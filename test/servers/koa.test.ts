import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Router from '@koa/router';
import type { Arena, FreeholdError } from 'freehold';
import { arenaHandler } from 'freehold/http';
import { arenas, currentArena, lazyArenas } from 'freehold/koa';
import Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { behavesLikeAnAdapter, givesArenas, lastStock, routeNames } from './lib/adapter.ts';
import { listen } from './lib/serve.ts';

/** Listens until the test is over; resolves with the port. What Koa would print goes to `errors`. */
async function serveKoa(app: Koa, errors: unknown[] = []): Promise<number> {
  app.on('error', (error) => errors.push(error));
  const listener = app.callback();
  return listen(createServer((request, response) => void listener(request, response)));
}

describe('Koa', () => {
  behavesLikeAnAdapter(({ handle, early, options }) => {
    const app = new Koa();
    app.use(arenas(options));
    app.use(async (ctx, next) => {
      early?.({ incoming: ctx.req, arena: () => ctx.arena });
      await next();
    });
    app.use(arenas(options));
    app.use(async (ctx) => {
      ctx.body = await handle({ incoming: ctx.req, arena: () => ctx.arena, text: () => text(ctx.req) });
    });
    return serveKoa(app);
  });
});

describe('Koa, lazyArenas()', () => {
  givesArenas(({ handle, early, options }) => {
    const app = new Koa();
    const arenaOf = lazyArenas(options);
    app.use(async (ctx, next) => {
      early?.({ incoming: ctx.req, arena: () => arenaOf(ctx) });
      await next();
    });
    app.use(async (ctx) => {
      ctx.body = await handle({ incoming: ctx.req, arena: () => arenaOf(ctx), text: () => text(ctx.req) });
    });
    return serveKoa(app);
  });
});

test('a handler for node:http below Koa has the arena of the request as its own', async () => {
  const app = new Koa();
  app.use(arenas());
  app.use(async (ctx) => {
    const handler = arenaHandler((request, response) => response.end(String(request.arena === ctx.arena)));
    ctx.respond = false;
    handler(ctx.req, ctx.res);
  });
  const port = await serveKoa(app);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('true');
});

test('ctx.arena is one accessor on what all contexts of an app inherit from', async () => {
  const app = new Koa();
  app.use(arenas());
  app.use((ctx) => {
    ctx.body = [
      Object.keys(ctx).includes('arena'),
      Object.hasOwn(ctx, 'arena'),
      Object.hasOwn(app.context, 'arena'),
      ctx.arena === ctx.arena,
    ];
  });
  const port = await serveKoa(app);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toEqual([false, false, true, true]);
  expect('arena' in new Koa().context).toBe(false);
});

test('ctx.arena above arenas() throws ERR_FREEHOLD_NO_REQUEST and says what to do', async () => {
  const errors: unknown[] = [];
  const app = new Koa();
  app.use(async (ctx, next) => {
    if (ctx.path === '/above') ctx.arena.alloc(1);
    await next();
  });
  app.use(arenas());
  app.use((ctx) => {
    ctx.body = ctx.arena.string('below');
  });
  const port = await serveKoa(app, errors);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('below');
  expect((await fetch(`http://127.0.0.1:${port}/above`)).status).toBe(500);
  expect(errors).toEqual([
    expect.objectContaining({
      code: 'ERR_FREEHOLD_NO_REQUEST',
      message: expect.stringMatching(/GET \/above.*register arenas\(\) first/) as string,
    }),
  ]);
});

test('@koa/router: arenas() of the app or of one router, and arenas know their route', async () => {
  const outer = new Koa();
  const router = new Router({ prefix: '/users' });
  router.get('/:id', (ctx) => {
    ctx.body = ctx.arena.string(`user ${ctx.params.id}`);
  });
  router.get(/^\/all/, (ctx) => {
    ctx.body = ctx.arena.string('all');
  });
  outer.use(arenas());
  outer.use(router.routes()).use(router.allowedMethods());
  outer.use((ctx) => {
    ctx.body = ctx.arena.string('no route');
  });
  const stock = lastStock();
  const port = await serveKoa(outer);
  for (const [path, body] of [
    ['/users/1', 'user 1'],
    ['/users/2', 'user 2'],
    ['/elsewhere', 'no route'],
  ]) {
    expect(await (await fetch(`http://127.0.0.1:${port}${path}`)).text()).toBe(body);
  }
  expect(routeNames(stock)).toEqual(['', '/users/:id']);

  const inner = new Koa();
  const own = new Router();
  own.use(arenas());
  own.get('/with', (ctx) => {
    ctx.body = ctx.arena.string('with');
  });
  inner.use(own.routes());
  const innerPort = await serveKoa(inner);
  expect(await (await fetch(`http://127.0.0.1:${innerPort}/with`)).text()).toBe('with');
});

test('middleware runs in its order, and above arenas() still sees the block on the way back', async () => {
  const order: string[] = [];
  const app = new Koa();
  app.use(async (ctx, next) => {
    order.push('above');
    await next();
    order.push(`above again: ${(ctx.body as Buffer).length}`);
  });
  app.use(arenas());
  app.use(async (ctx, next) => {
    order.push('below');
    ctx.body = ctx.arena.string('four');
    await next();
    order.push(`below again: ${currentArena() === ctx.arena}`);
  });
  const port = await serveKoa(app);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('four');
  expect(order).toEqual(['above', 'below', 'below again: true', 'above again: 4']);
});

test('currentArena() is there in the listeners of a body', async () => {
  const app = new Koa();
  app.use(arenas());
  app.use(async (ctx) => {
    const parts: string[] = [];
    await new Promise((resolve) => {
      ctx.req.on('data', (chunk: Buffer) => parts.push(currentArena().copy(chunk).toString()));
      ctx.req.on('end', resolve);
    });
    ctx.body = parts.join('');
  });
  const port = await serveKoa(app);
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'the body' });
  expect(await answer.text()).toBe('the body');
});

test('ctx.throw() takes an error of ours: http-errors may write the status into it that it finds there', async () => {
  const errors: unknown[] = [];
  const app = new Koa();
  app.use(arenas({ limitBytes: 5000 }));
  app.use((ctx) => {
    try {
      ctx.arena.alloc(6000);
    } catch (error) {
      ctx.throw(error as FreeholdError, { user: 'me' });
    }
  });
  const port = await serveKoa(app, errors);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(503);
  expect(errors).toEqual([
    expect.objectContaining({ code: 'ERR_FREEHOLD_LIMIT', statusCode: 503, user: 'me' }),
  ]);
});

test('a stream body that is made lazily has no currentArena(), but whatever arena its maker has taken', async () => {
  const app = new Koa();
  app.use(arenas());
  app.use((ctx) => {
    const { arena } = ctx;
    ctx.body = Readable.from(
      (function* () {
        let code: unknown;
        try {
          currentArena();
        } catch (error) {
          ({ code } = error as FreeholdError);
        }
        yield arena.string(String(code));
      })(),
    );
  });
  const port = await serveKoa(app);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('ERR_FREEHOLD_NO_REQUEST');
});

test('ctx.arena has its type, with an own type of context and of state, and in routers', () => {
  const app = new Koa<{ user: string }, { db: { find(id: string): string } }>();
  app.use(arenas());
  app.use((ctx) => {
    const arena: Arena = ctx.arena;
    // @ts-expect-error: an arena is not a number, and not `any`
    const wrong: number = ctx.arena;
    ctx.body = [arena, wrong, ctx.db.find(ctx.state.user)];
    // @ts-expect-error: it cannot be replaced
    ctx.arena = arena;
  });
  new Koa().use(arenas()).use((ctx) => {
    // @ts-expect-error: an arena is not a number, and not `any`
    const wrong: number = ctx.arena;
    ctx.body = wrong;
  });
  // @ts-expect-error: options have names
  expect(() => arenas({ limitByte: 1 })).toThrow(/limitBytes/);
});
