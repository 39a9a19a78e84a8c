// An arena per request for Express 4 and 5, and for Connect.
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Arena } from '../arena.ts';
import { runFor } from './context.ts';
import { lease, share } from './lease.ts';
import { type ArenasOptions, readArenasOptions } from './options.ts';

export * from './common.ts';

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
    const requests = prototypeOfApp(request);
    if (requests !== null) share(settings, requests, prototypeOfApp(response) ?? response);
    const held = lease(settings, request, response, routeOf);
    runFor(settings, held, next);
  };
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
