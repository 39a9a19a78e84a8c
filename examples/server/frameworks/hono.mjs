// The service on Hono, on Node's server.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';

/**
 * @param {typeof import('../service.mjs').ROUTES} routes
 * @param {object | null} arenas options of arenas(); null for buffers from Node
 */
export async function createService(routes, arenas) {
  const app = new Hono();
  if (arenas !== null) app.use((await import('freehold/hono')).arenas(arenas));
  for (const { method, path, handle } of routes) {
    app.on(method, path, async (context) => {
      const memory = arenas === null ? () => Buffer : () => context.var.arena;
      const { status, headers, body } = await handle({
        request: context.env.incoming,
        params: context.req.param(),
        memory,
      });
      return context.body(body instanceof Readable ? Readable.toWeb(body) : body, status, headers);
    });
  }
  app.onError((error, context) => context.text('Internal Server Error\n', error.statusCode ?? 500));
  return createServer(getRequestListener(app.fetch));
}
