// The service on Fastify.
import fastify from 'fastify';

/**
 * @param {typeof import('../service.mjs').ROUTES} routes
 * @param {object | null} arenas options of the plugin; null for buffers from Node
 */
export async function createService(routes, arenas) {
  const app = fastify();
  if (arenas !== null) await app.register((await import('freehold/fastify')).arenas, arenas);
  // Bodies are read by the handlers.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const { method, path, handle } of routes) {
    app.route({
      method,
      url: path,
      async handler(request, reply) {
        const memory = arenas === null ? () => Buffer : () => request.arena;
        const { status, headers, body } = await handle({
          request: request.raw,
          params: request.params,
          memory,
        });
        return reply.code(status).headers(headers).send(body);
      },
    });
  }
  await app.ready();
  return app.server;
}
