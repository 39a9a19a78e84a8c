// The service on Hono, on Node's server.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';

/**
 * @param {typeof import('../service.mjs').ROUTES} routes
 * @param {object | null} arenas options of arenas(), or of lazyArenas(); null for buffers from Node
 * @param {boolean} isLazy whether handlers ask a function of lazyArenas() for their arena
 */
export async function createService(routes, arenas, isLazy = false) {
  const app = new Hono();
  let memoryOf = () => Buffer;
  if (arenas !== null) {
    const adapter = await import('freehold/hono');
    if (!isLazy) app.use(adapter.arenas(arenas));
    memoryOf = isLazy ? adapter.lazyArenas(arenas) : (context) => context.var.arena;
  }
  for (const { method, path, handle } of routes) {
    app.on(method, path, async (context) => {
      const { status, headers, body } = await handle({
        request: context.env.incoming,
        params: context.req.param(),
        memory: () => memoryOf(context),
      });
      return context.body(body instanceof Readable ? Readable.toWeb(body) : body, status, headers);
    });
  }
  app.onError((error, context) => context.text('Internal Server Error\n', error.statusCode ?? 500));
  return createServer(getRequestListener(app.fetch));
}
