// An arena per request for node:http, node:https and node:http2.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

import type { Arena } from '../arena.ts';
import { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';
import { runFor } from './context.ts';
import { endWithError } from './failure.ts';
import { NODE, lease } from './lease.ts';
import {
  type ArenaServerOptions,
  type LazyArenasOptions,
  readLazyOptions,
  readServerOptions,
} from './options.ts';

export * from './common.ts';
export type { ArenaServerOptions, HandlerErrorListener } from './options.ts';
export {
  type ArenaUpgradeHandler,
  type ArenaUpgradeListener,
  type ArenaUpgradeOptions,
  type UpgradeErrorListener,
  arenaUpgrade,
} from './upgrade.ts';

/** A request that has an arena. */
export interface ArenaRequest extends IncomingMessage {
  /**
   * The arena of this request, taken when it is first asked for. Its blocks are valid until the response has
   * finished (its last byte was handed to the system); then they have length 0, and the arena throws. When the
   * connection breaks before that, the blocks stay valid for whoever still holds them, since native reads and
   * writes may be under way, and the arena throws.
   *
   * Of the listeners of `'finish'`, those that were there before the arena was taken still find it; later ones do not.
   *
   * Throws `ERR_FREEHOLD_DISPOSED` when the response has ended or the connection is closed.
   */
  readonly arena: Arena;
}

/** A handler for {@link arenaHandler}: like a listener of `'request'`, and it may be async. */
export type ArenaRequestHandler = (request: ArenaRequest, response: ServerResponse) => unknown;

/** A listener of `'request'` for the servers of `node:http` and `node:https`, and for those of `node:http2`. */
export type ArenaRequestListener = RequestListener &
  ((request: Http2ServerRequest, response: Http2ServerResponse) => void);

/**
 * A listener of `'request'` that gives every request an arena, `request.arena`, and takes it back when the response
 * is over. A response body may be a block: `response.end(block)`, `response.write(block)`, or a stream of blocks.
 *
 * Native work on a block that the handler does not wait for (`fs`, `crypto`, `zlib`) must hold a pin
 * (`arena.pinned()`): an arena that is pinned when its response has finished leaves its memory to that work.
 *
 * When the handler throws, or its promise rejects, the client gets a 500, or a broken connection when the response had
 * begun, and `options.onError` is told. Nobody is told when the client had left.
 *
 * Works for `node:http`, `node:https` and `node:http2`, whose compatibility API has requests and responses of the same
 * shape. A handler inside of another one shares its arena, and the options of the outer one hold.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { once } from 'node:events';
 * import { arenaHandler } from 'freehold/http';
 *
 * const server = createServer(
 *   arenaHandler((req, res) => {
 *     const block = req.arena.allocUnsafe(5);
 *     block.write('hello');
 *     res.end(block);
 *   }),
 * );
 * await once(server.listen(0), 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export function arenaHandler(
  handler: ArenaRequestHandler,
  options?: ArenaServerOptions,
): ArenaRequestListener {
  if (typeof handler !== 'function') {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `handler must be a function (request, response), but is ${describe(handler)}`,
    );
  }
  const { settings, onError } = readServerOptions(options, 'arenaHandler');
  const listener: RequestListener = (request, response) => {
    runFor(settings, lease(settings, NODE, request, request, response), () => {
      try {
        const result = handler(request as ArenaRequest, response);
        if (isThenable(result))
          result.then(undefined, (error: unknown) => endWithError(error, request, response, onError));
      } catch (error) {
        endWithError(error, request, response, onError);
      }
    });
  };
  return listener as ArenaRequestListener;
}

/**
 * A function that says the arena of a request: taken when it is first called for it, with the same life as that of
 * {@link arenaHandler}, and without it. What never calls it has no cost at all; `currentArena()` knows nothing of it. A request
 * that has an arena already (from {@link arenaHandler}, or from another function like this one) keeps it.
 *
 * Once it was called for a request, `request.arena` is there, and `readBody(request)` finds it. Call it before `response.end()`.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense. The function throws
 * `ERR_FREEHOLD_DISPOSED` when the response has ended or the connection is closed.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { once } from 'node:events';
 * import { lazyArenas } from 'freehold/http';
 *
 * const arenaOf = lazyArenas({ limitBytes: 64 * 1024 * 1024 });
 * const server = createServer((req, res) => {
 *   res.end(arenaOf(req, res).string('hello'));
 * });
 * await once(server.listen(0), 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export function lazyArenas(
  options?: LazyArenasOptions,
): (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => Arena {
  const settings = readLazyOptions(options);
  return (request, response) => {
    const message = request as IncomingMessage;
    return lease(settings, NODE, message, message, response as ServerResponse).arena;
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
