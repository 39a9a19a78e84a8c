// An arena per request for Hono on @hono/node-server.
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Context, MiddlewareHandler } from 'hono';

import type { Arena } from '../arena.ts';
import { FreeholdError } from '../errors.ts';
import { runFor } from './context.ts';
import { type ArenaHolder, equip } from './hono-context.ts';
import { type Adapter, lease } from './lease.ts';
import { type ArenasOptions, type LazyArenasOptions, readArenasOptions, readLazyOptions } from './options.ts';

export { currentArena } from './context.ts';
export type { ArenasOptions, LazyArenasOptions, LimitListener } from './options.ts';

/** What `@hono/node-server` gives an app for each request; the response is not there for one that asks for a WebSocket. */
interface Bindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

/**
 * Middleware for Hono 4.6 or newer on `@hono/node-server` with the lifecycle of `arenaHandler` of `freehold/http`: `c.get('arena')` and
 * `c.var.arena` for every handler below it, taken when first asked for. `c.body()` takes blocks and streams of blocks; a block goes
 * to the socket without a copy, unless a middleware reads the response's body or calls `c.header()` after it
 * (`c.res.headers.set()` does no harm). `ERR_FREEHOLD_LIMIT` is answered with 503 where no `app.onError()` decides otherwise;
 * Hono does not print it then, `onLimit` is told.
 *
 * The server reads a stream body when the handlers are done, where `currentArena()` throws: what makes such a body takes
 * `c.get('arena')` beforehand.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense, and for each request the
 * former when the app does not run on `@hono/node-server`. A request that becomes a WebSocket has no arena: to ask for it throws
 * `ERR_FREEHOLD_NO_REQUEST`.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { serve } from '@hono/node-server';
 * import { Hono } from 'hono';
 * import { arenas } from 'freehold/hono';
 *
 * const app = new Hono();
 * app.use(arenas({ limitBytes: 64 * 1024 * 1024 }));
 * app.get('/', (c) => c.body(c.get('arena').string('hello')));
 * const server = serve({ fetch: app.fetch, port: 0 });
 * await once(server, 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 * server.close();
 * ```
 */
export function arenas(options?: ArenasOptions): MiddlewareHandler {
  const settings = readArenasOptions(options, 'arenas');
  return (c, next) => {
    const { incoming, outgoing } = bindingsOf(c);
    if (outgoing === undefined) {
      equip(c, UPGRADE);
      return next();
    }
    const held = lease(settings, HONO, c, incoming, outgoing);
    equip(c, held);
    return runFor(settings, held, next);
  };
}

/**
 * A function that says the arena of a request, by its context: taken when it is first called for it, with the same life as that of
 * {@link arenas}, and without it. What never calls it has no cost at all, where any middleware makes Hono's requests slower;
 * `currentArena()` and `c.var.arena` know nothing of it. A request that has an arena already keeps it. `readBody(c.env.incoming)` finds
 * the arena of a request for which it was called.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense. The function throws
 * `ERR_FREEHOLD_INVALID_ARGUMENT` when the app does not run on `@hono/node-server`, `ERR_FREEHOLD_NO_REQUEST` for a request that
 * becomes a WebSocket, and `ERR_FREEHOLD_DISPOSED` when the response has ended or the connection is closed.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { serve } from '@hono/node-server';
 * import { Hono } from 'hono';
 * import { lazyArenas } from 'freehold/hono';
 *
 * const arenaOf = lazyArenas({ limitBytes: 64 * 1024 * 1024 });
 * const app = new Hono();
 * app.get('/', (c) => c.body(arenaOf(c).string('hello')));
 * const server = serve({ fetch: app.fetch, port: 0 });
 * await once(server, 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 * server.close();
 * ```
 */
export function lazyArenas(options?: LazyArenasOptions): (c: Context) => Arena {
  const settings = readLazyOptions(options);
  return (c) => {
    const { incoming, outgoing } = bindingsOf(c);
    return outgoing === undefined ? UPGRADE.arena : lease(settings, HONO, c, incoming, outgoing).arena;
  };
}

function bindingsOf(c: Context): { incoming: IncomingMessage; outgoing: ServerResponse | undefined } {
  const { incoming, outgoing } = (c.env ?? {}) as Bindings;
  if (incoming === undefined) throw notNodeServer();
  return { incoming, outgoing };
}

const HONO: Adapter<Pick<Context, 'req'>> = { routeOf, definesArena: false };

// Of the helpers of 'hono/route' that replace them in a later version nothing can be imported: Hono need not be installed.
function routeOf({ req }: Pick<Context, 'req'>): string {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  const routes = (req.matchedRoutes as typeof req.matchedRoutes | undefined) ?? [];
  const current = routes.at(req.routeIndex);
  // Asked for in a middleware, which is for many routes: the last is the handler's.
  const named = current?.method === 'ALL' ? routes.at(-1) : current;
  return named?.path ?? '';
}

function notNodeServer(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    'freehold/hono found no c.env.incoming and c.env.outgoing: it needs requests from @hono/node-server, ' +
      'and works neither on other servers nor with app.request()',
  );
}

/** What stands for the lease of a request that becomes a WebSocket. */
const UPGRADE: ArenaHolder = {
  get arena(): never {
    throw new FreeholdError(
      'ERR_FREEHOLD_NO_REQUEST',
      'the arena of a request that becomes a WebSocket was asked for: it has no response whose end could end an arena; make one with new Arena()',
    );
  },
};

declare module 'hono' {
  interface ContextVariableMap {
    /** See {@link ArenaRequest.arena}; there for every handler below `app.use(arenas())`. */
    readonly arena: Arena;
  }
}
