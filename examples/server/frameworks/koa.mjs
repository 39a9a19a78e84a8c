// The service on Koa.
import { createServer } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';

/**
 * @param {typeof import('../service.mjs').ROUTES} routes
 * @param {object | null} arenas options of arenas(), or of lazyArenas(); null for buffers from Node
 * @param {boolean} isLazy whether handlers ask a function of lazyArenas() for their arena
 */
export async function createService(routes, arenas, isLazy = false) {
  const app = new Koa();
  app.silent = true; // Koa prints what handlers throw; this service is asked to fail on purpose.
  let memoryOf = () => Buffer;
  if (arenas !== null) {
    const adapter = await import('freehold/koa');
    if (!isLazy) app.use(adapter.arenas(arenas));
    memoryOf = isLazy ? adapter.lazyArenas(arenas) : (context) => context.arena;
  }
  const router = new Router();
  for (const { method, path, handle } of routes) {
    router[method.toLowerCase()](path, async (context) => {
      const { status, headers, body } = await handle({
        request: context.req,
        params: context.params,
        memory: () => memoryOf(context),
      });
      context.status = status;
      context.set(headers);
      context.body = body;
    });
  }
  app.use(router.routes());
  return createServer(app.callback());
}
