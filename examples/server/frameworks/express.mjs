// The service on Express.
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import express from 'express';

/**
 * @param {typeof import('../service.mjs').ROUTES} routes
 * @param {object | null} arenas options of arenas(); null for buffers from Node
 */
export async function createService(routes, arenas) {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('env', 'production');
  if (arenas !== null) app.use((await import('freehold/express')).arenas(arenas));
  for (const { method, path, handle } of routes) {
    app[method.toLowerCase()](path, async (request, response) => {
      const memory = arenas === null ? () => Buffer : () => request.arena;
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
  return createServer(app);
}
