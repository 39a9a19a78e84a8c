// An arena per request for Fastify 5.
import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  RegisterOptions,
} from 'fastify';

import type { Arena } from '../arena.ts';
import { runFor } from './context.ts';
import { type Adapter, arenaOf, lease } from './lease.ts';
import { type ArenasOptions, type LazyArenasOptions, readArenasOptions, readLazyOptions } from './options.ts';

export { currentArena } from './context.ts';
export type { ArenasOptions, LazyArenasOptions, LimitListener } from './options.ts';

/** By what an instance, or one above it, is known to have been given arenas. */
const kArenas = Symbol('freehold.arenas');

/**
 * Plugin for Fastify 5 with the lifecycle of `arenaHandler` of `freehold/http`: `request.arena` in every handler and hook of the
 * context that it is registered in, and of those below, from `onRequest` on and until the response has finished. Hooks that were
 * added earlier have none. `reply.send()` takes blocks and streams of blocks. Errors are the framework's to answer: with 503 for
 * `ERR_FREEHOLD_LIMIT`.
 *
 * Registered again in a context below: one request, one arena, and the options of the outer one hold.
 *
 * Registration fails with `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense.
 *
 * @example
 * ```ts
 * import { fastify } from 'fastify';
 * import { arenas } from 'freehold/fastify';
 *
 * const app = fastify();
 * app.register(arenas, { limitBytes: 64 * 1024 * 1024 });
 * app.get('/', (request, reply) => {
 *   reply.send(request.arena.string('hello'));
 * });
 * const url = await app.listen({ port: 0 });
 * console.log(await (await fetch(url)).text()); // hello
 * await app.close();
 * ```
 */
export const arenas: FastifyPluginCallback<ArenasOptions> = Object.assign(
  (app: FastifyInstance, options: ArenasOptions, done: (error?: Error) => void) => {
    try {
      register(app, options);
      done();
    } catch (error) {
      done(error as Error);
    }
  },
  // What the package fastify-plugin would set: hooks and decorators are those of the context that registers the plugin.
  {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'freehold',
    [Symbol.for('plugin-meta')]: { name: 'freehold', fastify: '5.x' },
  },
);

function register(app: FastifyInstance, options: ArenasOptions): void {
  const settings = readArenasOptions(withoutRegisterOptions(options), 'arenas');
  if (!app.hasDecorator(kArenas)) {
    app.decorate(kArenas, true);
    app.decorateRequest('arena', {
      getter(this: FastifyRequest) {
        return arenaOf(this.raw);
      },
    });
  }
  app.addHook('onRequest', (request, reply, done) => {
    const held = lease(settings, FASTIFY, request, request.raw, reply.raw);
    runFor(settings, held, done);
  });
}

/**
 * A function that says the arena of a request, by its reply: taken when it is first called for it, with the same life as that of
 * {@link arenas}, and without it. What never calls it has no cost at all; `currentArena()` knows nothing of it. A request that has
 * an arena already keeps it. `readBody(request.raw)` finds the arena of a request for which it was called.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense. The function throws
 * `ERR_FREEHOLD_DISPOSED` when the response has ended or the connection is closed.
 *
 * @example
 * ```ts
 * import { fastify } from 'fastify';
 * import { lazyArenas } from 'freehold/fastify';
 *
 * const arenaOf = lazyArenas({ limitBytes: 64 * 1024 * 1024 });
 * const app = fastify();
 * app.get('/', (_request, reply) => {
 *   reply.send(arenaOf(reply).string('hello'));
 * });
 * const url = await app.listen({ port: 0 });
 * console.log(await (await fetch(url)).text()); // hello
 * await app.close();
 * ```
 */
export function lazyArenas(options?: LazyArenasOptions): (reply: FastifyReply) => Arena {
  const settings = readLazyOptions(options);
  return ({ request, raw }) => lease(settings, FASTIFY, request, request.raw, raw).arena;
}

const FASTIFY: Adapter<FastifyRequest> = {
  routeOf: ({ routeOptions }) => routeOptions.url ?? '',
  definesArena: false,
};

/** Fastify hands a plugin what it understands itself as well. */
function withoutRegisterOptions(options: ArenasOptions & RegisterOptions): ArenasOptions {
  const { prefix: _prefix, logLevel: _logLevel, logSerializers: _logSerializers, ...own } = options;
  return own;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** See {@link ArenaRequest.arena}; there for every handler and hook where `arenas` is registered. */
    readonly arena: Arena;
  }
}
