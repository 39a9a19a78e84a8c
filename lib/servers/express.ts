// An arena per request for Express 4 and 5, and for Connect.
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Arena } from '../arena.ts';
import { runFor } from './context.ts';
import { type Adapter, lease, share } from './lease.ts';
import {
  type ArenasOptions,
  type LazyArenasOptions,
  type ServerSettings,
  readArenasOptions,
  readLazyOptions,
} from './options.ts';

export * from './common.ts';
export { type ExpressApp, type MessageClasses, messageClasses } from './express-messages.ts';

/**
 * Middleware for Express 4 and 5 (and for Connect) with the lifecycle of `arenaHandler` of `freehold/http`: `request.arena` for
 * every handler below it. Errors are the framework's to answer.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense.
 *
 * @example
 * ```ts
 * import express from 'express';
 * import { arenas } from 'freehold/express';
 *
 * const app = express();
 * app.use(arenas({ limitBytes: 64 * 1024 * 1024 }));
 * app.get('/', (req, res) => {
 *   res.end(req.arena.string('hello'));
 * });
 * const server = app.listen(0, async () => {
 *   const { port } = server.address() as import('node:net').AddressInfo;
 *   console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 *   server.close();
 *   server.closeAllConnections();
 * });
 * ```
 */
export function arenas(
  options?: ArenasOptions,
): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
  const settings = readArenasOptions(options, 'arenas');
  return (request, response, next) => {
    shareOf(settings, request, response);
    const held = lease(settings, EXPRESS, request, request, response);
    runFor(settings, held, next);
  };
}

/**
 * A function that says the arena of a request: taken when it is first called for it, with the same life as that of {@link arenas},
 * and without it. What never calls it has no cost at all; `currentArena()` knows nothing of it. A request that has an arena
 * already keeps it. Once it was called for a request, `request.arena` is there, and `readBody(request)` finds it.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense. The function throws
 * `ERR_FREEHOLD_DISPOSED` when the response has ended or the connection is closed.
 *
 * @example
 * ```ts
 * import express from 'express';
 * import { lazyArenas } from 'freehold/express';
 *
 * const arenaOf = lazyArenas({ limitBytes: 64 * 1024 * 1024 });
 * const app = express();
 * app.get('/', (req, res) => {
 *   res.end(arenaOf(req, res).string('hello'));
 * });
 * const server = app.listen(0, async () => {
 *   const { port } = server.address() as import('node:net').AddressInfo;
 *   console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 *   server.close();
 *   server.closeAllConnections();
 * });
 * ```
 */
export function lazyArenas(
  options?: LazyArenasOptions,
): (request: IncomingMessage, response: ServerResponse) => Arena {
  const settings = readLazyOptions(options);
  return (request, response) => {
    shareOf(settings, request, response);
    return lease(settings, EXPRESS, request, request, response).arena;
  };
}

/** What {@link share} does, once for an app. */
function shareOf(settings: ServerSettings, request: IncomingMessage, response: ServerResponse): void {
  const requests = prototypeOfApp(request);
  if (requests !== null) share(settings, requests, prototypeOfApp(response) ?? response);
}

/**
 * Express's `app.request` or `app.response`, from which those of all of the app's requests inherit; of an app that is mounted in
 * another one, that of the outermost, which requests keep when they leave it. Null for Connect, which has none.
 */
function prototypeOfApp(message: object): object | null {
  let found: object | null = null;
  let prototype = Object.getPrototypeOf(message) as object | null;
  for (
    ;
    prototype !== null && Object.hasOwn(prototype, 'app');
    prototype = Object.getPrototypeOf(prototype) as object | null
  )
    found = prototype;
  return found;
}

/** What Express has found for a request by the time that a handler asks for its arena. */
interface Routed extends IncomingMessage {
  readonly baseUrl?: string;
  readonly route?: { readonly path?: unknown };
}

const EXPRESS: Adapter<IncomingMessage> = { routeOf, definesArena: true };

function routeOf({ baseUrl = '', route }: Routed): string {
  const path = route?.path;
  return typeof path === 'string'
    ? baseUrl + path
    : path instanceof RegExp
      ? `${baseUrl}${String(path)}`
      : baseUrl;
}

declare global {
  // What Express itself declares for others to add to. Without Express it stands alone and does nothing.
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the form that Express asks for
  namespace Express {
    interface Request {
      /** See {@link ArenaRequest.arena}; there for every handler below `app.use(arenas())`. */
      readonly arena: Arena;
    }
  }
}
