// The body of a request, in one block of its arena.
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

import type { Arena } from '../arena.ts';
import type { Block } from '../block.ts';
import { FreeholdError } from '../errors.ts';
import { checkLimit, readOptions } from '../validate.ts';
import { DEFAULT_LIMIT, Gathering } from './gathering.ts';
import { leasedArena } from './lease.ts';

/** Options of `readBody()`, `readText()` and `readJson()`. */
export interface ReadBodyOptions {
  /** The most bytes that the body may have; more is `ERR_FREEHOLD_BODY_TOO_LARGE`. Infinity for any. Default: 1 MiB. */
  limit?: number;
  /** Where the body goes. Default: `request.arena`. */
  arena?: Arena;
}

/** A request whose body can be read: one of `node:http`, `node:https` or `node:http2`, or a stream that looks like one. */
export interface BodyRequest extends Readable {
  readonly headers: IncomingHttpHeaders;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly arena?: Arena;
}

/**
 * The body of a request as one block of an arena, which lives as long as the arena: that of a request until the response has
 * finished. With a `Content-Length` the arena is asked once, for so many bytes, before one is read. Without one its last block grows
 * in place, doubling; what was too much is given back at the end. The bytes are as they were sent: compressed ones are for
 * {@link decompress}.
 *
 * Each byte is copied once. Less is not possible: Node reads HTTP into buffers of its own, which its parser cuts up. Only a socket
 * of `node:net` that the program itself connects reads into memory that it is given, and a block is such memory (below); servers
 * have no such option, neither those of `node:net`.
 *
 * The arena is pinned until all has come: who resets it meanwhile leaves the memory of the body to the body, or gets
 * `ERR_FREEHOLD_PINNED` where `whenPinned` is `'throw'`.
 *
 * Rejects with `ERR_FREEHOLD_BODY_TOO_LARGE` (what `arenaHandler` answers with 413) for more than `limit` bytes: before a byte is
 * read where the client says so, or else as soon as they have come; what comes then is thrown away. With `ERR_FREEHOLD_LIMIT` or
 * `ERR_FREEHOLD_OUT_OF_MEMORY` (503) when the arena refuses. With Node's own error (`ECONNRESET`) when the client leaves. With
 * `ERR_FREEHOLD_DISPOSED` when the response ends before the body does. With `ERR_FREEHOLD_INVALID_ARGUMENT` for a body that was read
 * before, or that has an encoding set.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { once } from 'node:events';
 * import { arenaHandler, readBody } from 'freehold/http';
 *
 * const server = createServer(
 *   arenaHandler(async (req, res) => {
 *     const body = await readBody(req, { limit: 64 * 1024 });
 *     res.end(body.reverse());
 *   }),
 * );
 * await once(server.listen(0), 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * const response = await fetch(`http://localhost:${port}/`, { method: 'POST', body: 'desserts' });
 * console.log(await response.text()); // stressed
 * server.close();
 * server.closeAllConnections();
 * ```
 *
 * @example
 * A socket that reads into a block, without any copy. The block must live until the socket is closed.
 * ```ts
 * import { type AddressInfo, connect, createServer } from 'node:net';
 * import { once } from 'node:events';
 * import { Arena } from 'freehold';
 *
 * const server = createServer((peer) => peer.end('hello'));
 * await once(server.listen(0), 'listening');
 *
 * const arena = new Arena();
 * const block = arena.allocUnsafe(64 * 1024);
 * const pin = block.pin();
 * const { port } = server.address() as AddressInfo;
 * const callback = (length: number) => {
 *   console.log(block.toString('utf8', 0, length)); // hello
 *   return true; // false pauses the socket
 * };
 * const socket = connect({ port, onread: { buffer: block, callback } });
 * await once(socket, 'close');
 * pin.release();
 * arena.dispose();
 * server.close();
 * ```
 */
export async function readBody(request: BodyRequest, options?: ReadBodyOptions): Promise<Block> {
  const read = readOptions(options, ['limit', 'arena'], 'readBody');
  const limit = checkLimit(read.limit ?? DEFAULT_LIMIT, 'limit');
  if (hasLeft(request)) throw request.errored ?? aborted();
  const refusal = whyUnreadable(request);
  if (refusal !== null) throw unreadable(request, refusal);
  const arena = read.arena ?? arenaFor(request);
  if (arena === undefined) throw withoutArena(request);
  const expected = lengthOf(request);
  const gathering = new Gathering(arena, { what: `the body of ${nameOf(request)}`, limit }, expected ?? 0);
  try {
    await gather(request, gathering, expected);
    return gathering.whole();
  } finally {
    gathering.release();
  }
}

/**
 * The body of a request as text: UTF-8, with U+FFFD for what is not, and without a byte order mark. It is an ordinary string; the
 * arena only holds the bytes until it is made.
 *
 * Rejects as {@link readBody}.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { once } from 'node:events';
 * import { arenaHandler, readText } from 'freehold/http';
 *
 * const server = createServer(
 *   arenaHandler(async (req, res) => {
 *     res.end((await readText(req)).toUpperCase());
 *   }),
 * );
 * await once(server.listen(0), 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * const response = await fetch(`http://localhost:${port}/`, { method: 'POST', body: 'quiet' });
 * console.log(await response.text()); // QUIET
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export async function readText(request: BodyRequest, options?: ReadBodyOptions): Promise<string> {
  const body = await readBody(request, options);
  const text = new TextDecoder().decode(body);
  (options?.arena ?? arenaFor(request))?.free(body);
  return text;
}

/**
 * The body of a request, parsed as JSON. The values are the garbage collector's. What the body is, is for the program to check:
 * hence `unknown`.
 *
 * Rejects as {@link readBody}, and for what is no JSON with the `SyntaxError` of `JSON.parse`, which has a `statusCode` of 400: so
 * it is answered.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { once } from 'node:events';
 * import { arenaHandler, readJson } from 'freehold/http';
 *
 * const server = createServer(
 *   arenaHandler(async (req, res) => {
 *     const order = await readJson(req);
 *     res.end(Array.isArray(order) ? `${order.length} items` : 'a list, please');
 *   }),
 * );
 * await once(server.listen(0), 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * const response = await fetch(`http://localhost:${port}/`, { method: 'POST', body: '[1, 2]' });
 * console.log(await response.text()); // 2 items
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export async function readJson(request: BodyRequest, options?: ReadBodyOptions): Promise<unknown> {
  const text = await readText(request, options);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // As frameworks read it from an error: the client's mistake, and not the server's.
    throw Object.assign(error as SyntaxError, { statusCode: 400 });
  }
}

/** Copies what comes until all has come. A stream that flows needs no more: each chunk is done with when its listener returns. */
function gather(request: BodyRequest, gathering: Gathering, expected: number | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null) => {
      request.off('data', onData).off('end', onEnd).off('error', settle).off('close', onClose);
      // What else comes is thrown away as it flows on, so that it does not stand before the next request.
      if (error === null) resolve();
      else reject(error);
    };
    const onData = (chunk: Uint8Array | string) => {
      try {
        if (typeof chunk === 'string') throw unreadable(request, 'was given an encoding while it was read');
        if (expected !== null && gathering.length + chunk.length > expected)
          throw unreadable(request, `is longer than its Content-Length of ${expected}`);
        gathering.add(chunk);
      } catch (error) {
        settle(error as Error);
      }
    };
    const onEnd = () => {
      // HTTP/2 ends the body of a stream that was reset like one that is complete.
      if (hasLeft(request)) onClose();
      else if (expected === null || gathering.length === expected) settle(null);
      else settle(unreadable(request, `is shorter than its Content-Length of ${expected}`));
    };
    const onClose = () => {
      settle(aborted());
    };
    request.on('data', onData).on('end', onEnd).on('error', settle).on('close', onClose);
    request.resume(); // someone may have paused it before
  });
}

/** What the client says, or null. Node's parser has checked it, and holds the client to it. */
function lengthOf({ headers }: BodyRequest): number | null {
  const length = headers['content-length'];
  if (length === undefined || headers['transfer-encoding'] !== undefined || !/^\d+$/.test(length))
    return null;
  return Number(length);
}

/** Whether the client broke the connection, or the stream, before its request was complete. */
function hasLeft(request: BodyRequest & { readonly aborted?: boolean }): boolean {
  return request.aborted === true || (request.destroyed && !request.readableEnded);
}

function whyUnreadable(request: BodyRequest): string | null {
  if (request.readableEncoding !== null) return 'has an encoding set: its bytes are gone';
  if (request.readableDidRead || request.readableEnded) return 'was read before';
  // Other listeners of 'data' hear the same. One of 'readable' decides alone when anything is read.
  return request.listenerCount('readable') > 0 ? "is being read by a listener of 'readable'" : null;
}

function nameOf({ method = 'a request', url = '' }: BodyRequest): string {
  return `${method} ${url}`.trimEnd();
}

function unreadable(request: BodyRequest, why: string): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', `the body of ${nameOf(request)} ${why}`);
}

/** Frameworks' own requests have their arenas; those of Node, which they hand on, may not show them. */
function arenaFor(request: BodyRequest): Arena | undefined {
  return leasedArena(request) ?? request.arena;
}

function withoutArena(request: BodyRequest): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${nameOf(request)} has no arena: use arenaHandler(), arenas() or lazyArenas(), or the option arena`,
  );
}

/** As Node has it for requests of HTTP/1. */
function aborted(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}
