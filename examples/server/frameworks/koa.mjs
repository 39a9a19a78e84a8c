// The service on Koa.
import { createServer } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';

/**
 * @param {typeof import('../service.mjs').ROUTES} routes
 * @param {object | null} arenas options of arenas(); null for buffers from Node
 */
export async function createService(routes, arenas) {
  const app = new Koa();
  app.silent = true; // Koa prints what handlers throw; this service is asked to fail on purpose.
  if (arenas !== null) app.use((await import('freehold/koa')).arenas(arenas));
  const router = new Router();
  for (const { method, path, handle } of routes) {
    router[method.toLowerCase()](path, async (context) => {
      const memory = arenas === null ? () => Buffer : () => context.arena;
      const { status, headers, body } = await handle({
        request: context.req,
        params: context.params,
        memory,
      });
      context.status = status;
      context.set(headers);
      context.body = body;
    });
  }
  app.use(router.routes());
  return createServer(app.callback());
}
