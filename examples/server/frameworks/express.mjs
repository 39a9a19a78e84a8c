// The service on Express.
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import express from 'express';

/**
 * @param {typeof import('../service.mjs').ROUTES} routes
 * @param {object | null} arenas options of arenas(), or of lazyArenas(); null for buffers from Node
 * @param {boolean} isLazy whether handlers ask a function of lazyArenas() for their arena
 */
export async function createService(routes, arenas, isLazy = false) {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('env', 'production');
  let memoryOf = () => Buffer;
  if (arenas !== null) {
    const adapter = await import('freehold/express');
    if (!isLazy) app.use(adapter.arenas(arenas));
    memoryOf = isLazy ? adapter.lazyArenas(arenas) : (request) => request.arena;
  }
  for (const { method, path, handle } of routes) {
    app[method.toLowerCase()](path, async (request, response) => {
      const memory = () => memoryOf(request, response);
      const { status, headers, body } = await handle({ request, params: request.params, memory });
      response.status(status).set(headers);
      if (typeof body === 'string' || Buffer.isBuffer(body)) response.end(body);
      else await pipeline(body, response);
    });
  }
  // Express prints what handlers throw; this service is asked to fail on purpose.
  app.use((error, _request, response, next) => {
    if (response.headersSent) next(error);
    else response.status(error.statusCode ?? 500).end('Internal Server Error\n');
  });
  // MESSAGES=express: as with app.listen(). Express is slower then by far on Node 20 and 22.
  const isPlain = process.env.MESSAGES === 'express';
  return createServer(isPlain ? {} : (await import('freehold/express')).messageClasses(app), app);
}
