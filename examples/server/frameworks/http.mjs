// The service on node:http alone.
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** A route's path as a pattern, and the name of its parameter. */
function compiled({ method, path, handle }) {
  const name = /:(\w+)/.exec(path)?.[1];
  return { method, path, handle, name, pattern: new RegExp(`^${path.replace(/:\w+/, '([^/]+)')}$`) };
}

/**
 * @param {typeof import('../service.mjs').ROUTES} routes
 * @param {object | null} arenas options of arenaHandler(), or of lazyArenas(); null for buffers from Node
 * @param {boolean} isLazy whether handlers ask a function of lazyArenas() for their arena
 */
export async function createService(routes, arenas, isLazy = false) {
  const table = routes.map(compiled);
  const direct = new Map(table.map((route) => [`${route.method} ${route.path}`, route]));

  async function answer(request, response, memory) {
    let params = {};
    let route = direct.get(`${request.method} ${request.url}`);
    if (route === undefined) {
      for (const each of table) {
        const match = each.method === request.method && each.pattern.exec(request.url);
        if (!match) continue;
        route = each;
        if (each.name) params = { [each.name]: decodeURIComponent(match[1]) };
        break;
      }
    }
    if (route === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { status, headers, body } = await route.handle({ request, params, memory });
    response.writeHead(status, headers);
    if (typeof body === 'string' || Buffer.isBuffer(body)) response.end(body);
    else await pipeline(body, response);
  }

  let memoryOf = () => Buffer;
  if (arenas !== null) {
    const { arenaHandler, lazyArenas } = await import('freehold/http');
    if (isLazy) memoryOf = lazyArenas(arenas);
    else {
      const handler = (request, response) => answer(request, response, () => request.arena);
      return createServer(arenaHandler(handler, { onError: () => {}, ...arenas }));
    }
  }
  return createServer((request, response) => {
    answer(request, response, () => memoryOf(request, response)).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end('Internal Server Error\n');
    });
  });
}
