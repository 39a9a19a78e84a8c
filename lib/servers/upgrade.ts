// An arena per connection that has left HTTP: WebSockets and tunnels.
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { checkFunction } from '../validate.ts';
import { bindTo, runFor } from './context.ts';
import { hasLeft, statusOf } from './failure.ts';
import type { ArenaRequest } from './http.ts';
import { leaseSocket } from './lease.ts';
import { type ArenasOptions, readServerOptions } from './options.ts';

/** A listener for {@link arenaUpgrade}: like one of `'upgrade'` or `'connect'`, and it may be async. */
export type ArenaUpgradeHandler = (request: ArenaRequest, socket: Duplex, head: Buffer) => unknown;

/** A listener of `'upgrade'` or `'connect'` for the servers of `node:http` and `node:https`. */
export type ArenaUpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Told of every error that the listener throws or rejects with. */
export type UpgradeErrorListener = (error: unknown, request: IncomingMessage, socket: Duplex) => void;

/** Options of `arenaUpgrade()`. `serverTiming` does nothing there. */
export interface ArenaUpgradeOptions extends ArenasOptions {
  /** Told of every error that the listener throws or rejects with. Default: prints the error with `console.error`. */
  onError?: UpgradeErrorListener;
}

/**
 * A listener of `'upgrade'` (or `'connect'`) that gives the request an arena, `request.arena`, which lives until the socket is
 * closed. What each message takes is the listener's to end, or a long connection takes more and more: by a reset when nothing is
 * being sent any more, as below, or by blocks of a heap or a pool. A block that is sent must live until its write is called back.
 *
 * The sockets of HTTP servers stay half open: a listener of its own protocol ends its side when the client has (`ws` does).
 *
 * A connection may be closed at any moment, whatever is at work: so its memory is left to the garbage collector, and who still
 * holds blocks of it may read them. `request.arena` throws `ERR_FREEHOLD_DISPOSED` from then on. `currentArena()` works in the
 * listener and in all listeners of the socket.
 *
 * When the listener throws, or its promise rejects, the client gets a 500 and the socket is closed (at once when anything was sent),
 * and `options.onError` is told.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { once } from 'node:events';
 * import { WebSocket, WebSocketServer } from 'ws';
 * import { arenaUpgrade } from 'freehold/http';
 *
 * const sockets = new WebSocketServer({ noServer: true });
 * const server = createServer();
 * server.on(
 *   'upgrade',
 *   arenaUpgrade((request, socket, head) => {
 *     sockets.handleUpgrade(request, socket, head, (peer) => {
 *       const { arena } = request;
 *       let sending = 0;
 *       peer.on('message', (data) => {
 *         sending++;
 *         peer.send(arena.copy(data as Buffer).reverse(), () => {
 *           if (--sending === 0 && !arena.disposed) arena.reset();
 *         });
 *       });
 *     });
 *   }),
 * );
 * await once(server.listen(0), 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * const client = new WebSocket(`ws://localhost:${port}`);
 * await once(client, 'open');
 * client.send('desserts');
 * const [answer] = (await once(client, 'message')) as [Buffer];
 * console.log(answer.toString()); // stressed
 * client.close();
 * server.close();
 * ```
 */
export function arenaUpgrade(
  listener: ArenaUpgradeHandler,
  options?: ArenaUpgradeOptions,
): ArenaUpgradeListener {
  checkFunction(listener, 'listener');
  const { settings, onError } = readServerOptions(options, 'arenaUpgrade');
  return (request, socket, head) => {
    const sent = request.socket.bytesWritten;
    const fail = (error: unknown) => {
      if (socket.destroyed && hasLeft(error)) return;
      refuse(socket, request.socket.bytesWritten === sent ? statusOf(error) : null);
      onError(error, request, socket);
    };
    const held = leaseSocket(settings, request);
    if (settings.context) bindTo(held, socket);
    const answer = async () => {
      await listener(request as ArenaRequest, socket, head);
    };
    runFor(settings, held, answer).catch(fail);
  };
}

/** Ends a connection on which nothing was said yet with a status, and any other at once. */
function refuse(socket: Duplex, status: number | null): void {
  if (status === null || socket.destroyed) {
    socket.destroy();
    return;
  }
  socket.on('error', () => {}); // the client may have left, which is nobody's mistake
  const phrase = STATUS_CODES[status] ?? '';
  socket.end(`HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}
