import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Arena, Block } from 'freehold';
import { arenas, currentArena, lazyArenas, messageClasses } from 'freehold/express';
import { describe, expect, test } from 'vitest';
import { behavesLikeAnAdapter, givesArenas, lastStock, routeNames } from './lib/adapter.ts';
import { deferred, listen } from './lib/serve.ts';

// Two versions side by side; the older one has no types of its own.
const express4 = createRequire(import.meta.url)('express4') as typeof express;

/** Whether `ask` returns instead of throwing. */
function whether(ask: () => unknown): boolean {
  try {
    ask();
    return true;
  } catch {
    return false;
  }
}

describe.each([
  ['4', express4, false],
  ['4, messageClasses()', express4, true],
  ['5', express, false],
  ['5, messageClasses()', express, true],
])('Express %s', (_version, express, isBorn) => {
  /** Express with `app` set up by `setUp`; resolves with its URL. */
  async function serveExpress(setUp: (app: express.Express) => void): Promise<string> {
    const app = express();
    setUp(app);
    return `http://127.0.0.1:${await listen(createServer(isBorn ? messageClasses(app) : {}, app))}`;
  }

  behavesLikeAnAdapter(async ({ handle, early, options }) => {
    const url = await serveExpress((app) => {
      app.use(arenas(options));
      app.use((req, _res, next) => {
        early?.({ incoming: req, arena: () => req.arena });
        next();
      });
      app.use(express.text({ type: () => true, limit: '10mb' }), arenas(options));
      app.use((req, res, next) => {
        // Express 4 does not look at what handlers return.
        Promise.resolve(req)
          .then(() =>
            handle({
              incoming: req,
              arena: () => req.arena,
              text: () => Promise.resolve(req.body as string),
            }),
          )
          .then((body) => (body instanceof Readable ? body.pipe(res) : res.send(body)))
          .catch(next);
      });
    });
    return Number(new URL(url).port);
  });

  describe('lazyArenas()', () => {
    givesArenas(async ({ handle, early, options }) => {
      const arenaOf = lazyArenas(options);
      const url = await serveExpress((app) => {
        app.use((req, res, next) => {
          early?.({ incoming: req, arena: () => arenaOf(req, res) });
          next();
        });
        app.use(express.text({ type: () => true, limit: '10mb' }));
        app.use((req, res, next) => {
          const text = () => Promise.resolve(req.body as string);
          Promise.resolve(req)
            .then(() => handle({ incoming: req, arena: () => arenaOf(req, res), text }))
            .then((body) => (body instanceof Readable ? body.pipe(res) : res.send(body)))
            .catch(next);
        });
      });
      return Number(new URL(url).port);
    });
  });

  test('app.use(arenas()) gives every handler req.arena, and ends it with the response', async () => {
    const blocks: Block[] = [];
    const url = await serveExpress((app) => {
      app.use(arenas());
      app.get('/:name', (req, res) => {
        const block = req.arena.string(`hello ${req.params.name}`);
        blocks.push(block);
        res.send(block);
      });
    });
    expect(await (await fetch(`${url}/you`)).text()).toBe('hello you');
    expect(await (await fetch(`${url}/me`)).text()).toBe('hello me');
    expect(blocks.map((block) => block.length)).toEqual([0, 0]);
  });

  test('a sub-router has its own arenas() or that of the app: one request, one arena', async () => {
    const url = await serveExpress((app) => {
      const router = express.Router();
      router.use(arenas({ limitBytes: 10 }));
      router.get('/', (req, res) => {
        res.json([req.arena === (res.locals.outer ?? req.arena), req.arena.limit]);
      });
      app.use('/alone', router);
      app.use(arenas({ limitBytes: 20_000 }), (req, res, next) => {
        res.locals.outer = req.arena;
        next();
      });
      app.use('/below', router);
    });
    expect(await (await fetch(`${url}/alone`)).json()).toEqual([true, 10]);
    expect(await (await fetch(`${url}/below`)).json()).toEqual([true, 20_000]);
  });

  test('requests of the app that come past no arenas() have no arena, and are otherwise as they were', async () => {
    const url = await serveExpress((app) => {
      app.use('/with', arenas(), (req, res) => {
        res.json([req.arena === currentArena(), Object.keys(req).includes('arena')]);
      });
      app.use('/without', (req, res) => {
        const emitted = [req, res, app.request, app.response].map((each) => each.emit('nothing'));
        res.json([typeof req.arena, ...emitted, whether(currentArena)]);
      });
    });
    expect(await (await fetch(`${url}/with`)).json()).toEqual([true, false]);
    expect(await (await fetch(`${url}/without`)).json()).toEqual([
      'undefined',
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test('each arenas() of an app has the context that it was given', async () => {
    const url = await serveExpress((app) => {
      const answer = (req: Request, res: Response) => {
        req.arena.alloc(1);
        req.on('data', () => {}).on('end', () => res.json(whether(currentArena)));
      };
      app.use('/no', arenas({ context: false }), answer);
      app.use('/yes', arenas(), answer);
    });
    for (const _ of [1, 2]) {
      for (const [path, known] of [
        ['no', false],
        ['yes', true],
      ])
        expect(await (await fetch(`${url}/${path}`, { method: 'POST', body: 'x' })).json()).toBe(known);
    }
  });

  test('a request that a mounted app passes on keeps the arena that it got there', async () => {
    const url = await serveExpress((app) => {
      const inner = express();
      inner.use(arenas(), (req, res, next) => {
        res.locals.inner = req.arena;
        next();
      });
      app.use('/mounted', inner);
      app.use((req, res) => {
        req
          .on('data', () => {})
          .on('end', () => res.json(req.arena === res.locals.inner && whether(currentArena)));
      });
    });
    expect(await (await fetch(`${url}/mounted/x`, { method: 'POST', body: 'x' })).json()).toBe(true);
  });

  test('errors go to error middleware, which may still use the arena', async () => {
    const blocks: Block[] = [];
    const url = await serveExpress((app) => {
      app.use(arenas());
      app.get('/sync', (req) => {
        blocks.push(req.arena.alloc(10));
        throw new Error('sync');
      });
      app.get('/async', async (req, _res, next) => {
        blocks.push(req.arena.alloc(10));
        await Promise.reject(new Error('async')).catch(next); // Express 4 does not look at what handlers return
      });
      app.use((error: Error, req: Request, res: Response, _next: NextFunction) => {
        res.status(503).send(req.arena.string(`sorry: ${error.message}`));
      });
    });
    for (const path of ['sync', 'async']) {
      const response = await fetch(`${url}/${path}`);
      expect([response.status, await response.text()]).toEqual([503, `sorry: ${path}`]);
    }
    expect(blocks.map((block) => block.length)).toEqual([0, 0]);
  });

  test('body parsers and blocks get along', async () => {
    const url = await serveExpress((app) => {
      app.use(arenas(), express.raw({ type: () => true }));
      app.post('/', (req, res) => {
        res.end(req.arena.copy(req.body as Buffer));
      });
    });
    const answer = await fetch(url, { method: 'POST', body: 'body' });
    expect(await answer.text()).toBe('body');
  });

  test('currentArena() is there in what parsers call, and in handlers below them', async () => {
    const found: (Arena | false)[] = [];
    const url = await serveExpress((app) => {
      app.use(arenas());
      app.use(
        express.json({
          verify: (req) => void found.push(currentArena() === (req as Request).arena && currentArena()),
        }),
      );
      app.post('/', async (req, res) => {
        found.push(currentArena());
        await new Promise((resolve) => setImmediate(resolve));
        found.push(currentArena());
        res.send(req.arena.string(JSON.stringify(req.body)));
      });
    });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', body: '{"a":1}', headers });
    expect(await answer.text()).toBe('{"a":1}');
    expect([found.length, new Set(found).size, found[0] === false]).toEqual([3, 1, false]);
  });

  test('a limit that is reached inside of a parser is answered with 503 as well', async () => {
    const url = await serveExpress((app) => {
      app.use(arenas({ limitBytes: 5000 }));
      app.use(express.json({ verify: (_req, _res, body) => void currentArena().copy(body) }));
      app.post('/', (req, res) => res.json(Object.keys(req.body as object)));
    });
    const post = (body: string) =>
      fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
    expect((await post(JSON.stringify({ long: 'x'.repeat(10_000) }))).status).toBe(503);
    expect(await (await post('{"a":1}')).json()).toEqual(['a']);
  });

  test('res.send(block) has the headers of a Buffer, and an ETag; HEAD has no body', async () => {
    const blocks: Block[] = [];
    const url = await serveExpress((app) => {
      app.use(arenas());
      app.get('/', (req, res) => {
        blocks.push(req.arena.string('tagged'));
        res.send(blocks.at(-1));
      });
    });
    const first = await fetch(url);
    expect(await first.text()).toBe('tagged');
    expect([first.headers.get('content-type'), first.headers.get('content-length')]).toEqual([
      'application/octet-stream',
      '6',
    ]);
    const etag = first.headers.get('etag')!;
    // Without the second, fetch asks for no-cache.
    const known = { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' };
    expect((await fetch(url, { headers: known })).status).toBe(304);
    expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('');
    expect(blocks.map((block) => block.length)).toEqual([0, 0, 0]);
  });

  test('res.sendFile() next to arenas: the file arrives, and the arena ends with it', async () => {
    const blocks: Block[] = [];
    const path = fileURLToPath(import.meta.url);
    const url = await serveExpress((app) => {
      app.use(arenas());
      app.get('/', (req, res, next) => {
        blocks.push(req.arena.string('for the log'));
        res.sendFile(path, (error?: Error) => {
          if (error !== undefined) next(error);
        });
      });
    });
    const text = await (await fetch(url)).text();
    expect(text).toContain('the file arrives, and the arena ends with it');
    expect(blocks.map((block) => block.length)).toEqual([0]);
  });

  test('arenas know their route, in sub-routers too', async () => {
    const url = await serveExpress((app) => {
      const users = express.Router();
      users.get('/:id', (req, res) => {
        res.send(req.arena.string('user'));
      });
      app.use(arenas());
      app.use('/api/users', users);
      app.get(/^\/files\//, (req, res) => {
        res.send(req.arena.string('file'));
      });
      app.use((req, res) => {
        res.send(req.arena.string('no route'));
      });
    });
    const stock = lastStock();
    for (const path of ['/api/users/1', '/api/users/2', '/files/a', '/elsewhere'])
      await (await fetch(url + path)).text();
    expect(routeNames(stock)).toEqual(['', '/^\\/files\\//', '/api/users/:id']);
  });

  test('a client that leaves breaks the request off: blocks stay valid', async () => {
    const kept = deferred<Block>();
    const begun = deferred();
    const url = await serveExpress((app) => {
      app.use(arenas());
      app.get('/', (req, res) => {
        const block = req.arena.string('kept');
        begun.resolve();
        res.on('close', () => kept.resolve(block));
      });
    });
    const abort = new AbortController();
    const answer = fetch(url, { signal: abort.signal });
    await begun.promise;
    abort.abort();
    await expect(answer).rejects.toThrow();
    expect((await kept.promise).toString()).toBe('kept');
  });
});
