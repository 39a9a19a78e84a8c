// An arena per request for Koa.
import type { ExtendableContext, Next } from 'koa';

import type { Arena } from '../arena.ts';
import { runFor } from './context.ts';
import { type Adapter, arenaOf, lease } from './lease.ts';
import { type ArenasOptions, type LazyArenasOptions, readArenasOptions, readLazyOptions } from './options.ts';

export { currentArena } from './context.ts';
export type { ArenasOptions, LazyArenasOptions, LimitListener } from './options.ts';

/** What contexts inherit from, one of each app, that have the property. */
const equipped = new WeakSet<object>();

const ARENA_PROPERTY: PropertyDescriptor & ThisType<ExtendableContext> = {
  configurable: true,
  enumerable: false,
  get() {
    return arenaOf(this.req);
  },
};

/**
 * Middleware for Koa 2 and 3 with the lifecycle of `arenaHandler` of `freehold/http`: `ctx.arena` for every middleware below it.
 * `ctx.body` may be a block or a stream of blocks. Errors are the framework's to answer: with 503 for `ERR_FREEHOLD_LIMIT`.
 *
 * Koa reads a stream body when all middleware is done, where `currentArena()` throws: what makes such a body takes `ctx.arena`
 * beforehand.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import Koa from 'koa';
 * import { arenas } from 'freehold/koa';
 *
 * const app = new Koa();
 * app.use(arenas({ limitBytes: 64 * 1024 * 1024 }));
 * app.use((ctx) => {
 *   ctx.body = ctx.arena.string('hello');
 * });
 * const server = app.listen(0);
 * await once(server, 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export function arenas(options?: ArenasOptions): (ctx: ExtendableContext, next: Next) => Promise<unknown> {
  const settings = readArenasOptions(options, 'arenas');
  return (ctx, next) => {
    equip(ctx.app.context);
    const held = lease(settings, KOA, ctx, ctx.req, ctx.res);
    return runFor(settings, held, next);
  };
}

/**
 * A function that says the arena of a request: taken when it is first called for it, with the same life as that of {@link arenas},
 * and without it. What never calls it has no cost at all; `currentArena()` knows nothing of it. A request that has an arena
 * already keeps it. `readBody(ctx.req)` finds the arena of a request for which it was called.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense. The function throws
 * `ERR_FREEHOLD_DISPOSED` when the response has ended or the connection is closed.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import Koa from 'koa';
 * import { lazyArenas } from 'freehold/koa';
 *
 * const arenaOf = lazyArenas({ limitBytes: 64 * 1024 * 1024 });
 * const app = new Koa();
 * app.use((ctx) => {
 *   ctx.body = arenaOf(ctx).string('hello');
 * });
 * const server = app.listen(0);
 * await once(server, 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export function lazyArenas(options?: LazyArenasOptions): (ctx: ExtendableContext) => Arena {
  const settings = readLazyOptions(options);
  return (ctx) => lease(settings, KOA, ctx, ctx.req, ctx.res).arena;
}

/** Once per app and not per request: an accessor for all contexts. */
function equip(prototype: object): void {
  if (equipped.has(prototype)) return;
  equipped.add(prototype);
  Object.defineProperty(prototype, 'arena', ARENA_PROPERTY);
}

/** What `@koa/router` has found for a request by the time that a handler asks for its arena. */
function routeOf({
  _matchedRoute: path,
}: ExtendableContext & { readonly _matchedRoute?: string | RegExp }): string {
  return path === undefined ? '' : String(path);
}

const KOA: Adapter<ExtendableContext> = { routeOf, definesArena: false };

declare module 'koa' {
  interface ExtendableContext {
    /** See {@link ArenaRequest.arena}; there for every middleware below `app.use(arenas())`. */
    readonly arena: Arena;
  }
}
