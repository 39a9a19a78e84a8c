// The service on Fastify.
import fastify from 'fastify';

/**
 * @param {typeof import('../service.mjs').ROUTES} routes
 * @param {object | null} arenas options of the plugin, or of lazyArenas(); null for buffers from Node
 * @param {boolean} isLazy whether handlers ask a function of lazyArenas() for their arena
 */
export async function createService(routes, arenas, isLazy = false) {
  const app = fastify();
  let memoryOf = () => Buffer;
  if (arenas !== null) {
    const adapter = await import('freehold/fastify');
    if (!isLazy) await app.register(adapter.arenas, arenas);
    memoryOf = isLazy ? adapter.lazyArenas(arenas) : ({ request }) => request.arena;
  }
  // Bodies are read by the handlers.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const { method, path, handle } of routes) {
    app.route({
      method,
      url: path,
      async handler(request, reply) {
        const { status, headers, body } = await handle({
          request: request.raw,
          params: request.params,
          memory: () => memoryOf(reply),
        });
        return reply.code(status).headers(headers).send(body);
      },
    });
  }
  await app.ready();
  return app.server;
}
