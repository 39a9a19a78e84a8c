import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Block } from 'freehold';
import { arenas } from 'freehold/express';
import { describe, expect, test } from 'vitest';
import { deferred, listen } from './lib/serve.ts';

// Two versions side by side; the older one has no types of its own.
const express4 = createRequire(import.meta.url)('express4') as typeof express;

describe.each([
  ['4', express4],
  ['5', express],
])('Express %s', (_version, express) => {
  /** Express with `app` set up by `setUp`; resolves with its URL. */
  async function serveExpress(setUp: (app: express.Express) => void): Promise<string> {
    const app = express();
    setUp(app);
    return `http://127.0.0.1:${await listen(createServer(app))}`;
  }

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
