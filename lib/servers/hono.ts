// An arena per request for Hono on @hono/node-server.
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Context, MiddlewareHandler } from 'hono';

import type { Arena } from '../arena.ts';
import { FreeholdError } from '../errors.ts';
import { runFor } from './context.ts';
import { type ArenaHolder, equip } from './hono-context.ts';
import { lease } from './lease.ts';
import { type ArenasOptions, readArenasOptions } from './options.ts';

export { currentArena } from './context.ts';
export type { ArenasOptions, LimitListener } from './options.ts';

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
    const { incoming, outgoing } = (c.env ?? {}) as Bindings;
    if (incoming === undefined) throw notNodeServer();
    if (outgoing === undefined) {
      equip(c, UPGRADE);
      return next();
    }
    const held = lease(settings, incoming, outgoing, () => routeOf(c));
    equip(c, held);
    return runFor(settings, held, next);
  };
}

// Of the helpers of 'hono/route' that replace them in a later version nothing can be imported: Hono need not be installed.
function routeOf({ req }: Context): string {
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
    'arenas() of freehold/hono found no c.env.incoming and c.env.outgoing: it needs requests from @hono/node-server, ' +
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
