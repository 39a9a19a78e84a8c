// The arena of one request: taken on first use, given back exactly once when the response is over.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

import type { Arena } from '../arena.ts';
import { FreeholdError } from '../errors.ts';
import type { ArenaPool, RequestEnd } from '../arena-pool.ts';

const kLease = Symbol('freehold.lease');
const kHeld = Symbol('freehold.held');

/** What this file adds to a request, and to its response once the arena is taken. */
interface Leased {
  [kLease]?: Lease;
}

/** What a response of HTTP/2 has, in Node's compatibility API, and others have not. */
interface MaybeHttp2 {
  readonly stream?: ServerHttp2Stream;
}

/** What this file adds to a connection: the leases that its end breaks. */
interface Watched {
  [kHeld]?: Set<Lease>;
}

// One shared accessor, not a value: a request that never asks for its arena costs this definition (about 0.3 us, some
// 1 % of the smallest request) and nothing else. Not enumerable, so that copying a request takes no arena.
const ARENA_PROPERTY: PropertyDescriptor & ThisType<Leased> = {
  configurable: true,
  enumerable: false,
  get() {
    return (this[kLease] as Lease).arena;
  },
};

/** Defines `request.arena`. A request that has one already (from an outer handler) keeps it. */
export function lease(pool: ArenaPool, request: IncomingMessage, response: ServerResponse): void {
  const leased = request as IncomingMessage & Leased;
  if (leased[kLease] !== undefined) return;
  leased[kLease] = new Lease(pool, request, response);
  Object.defineProperty(request, 'arena', ARENA_PROPERTY);
}

/** See the top of this file. */
class Lease {
  readonly #pool: ArenaPool;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #arena: Arena | null = null;
  #held: Set<Lease> | null = null;
  #over = false;

  constructor(pool: ArenaPool, request: IncomingMessage, response: ServerResponse) {
    this.#pool = pool;
    this.#request = request;
    this.#response = response;
  }

  /** @throws FreeholdError ERR_FREEHOLD_DISPOSED once the response is over. */
  get arena(): Arena {
    return this.#arena ?? this.#begin();
  }

  #begin(): Arena {
    const response: ServerResponse & Leased & MaybeHttp2 = this.#response;
    const { socket } = this.#request;
    if (this.#over || response.writableEnded || response.destroyed || socket.destroyed) throw this.#tooLate();
    const arena = this.#pool.take();
    this.#arena = arena;
    if (response.stream === undefined) {
      response[kLease] = this;
      response.on('finish', onFinish);
      // Asked of the socket: a pipelined response that waits for its turn hears nothing when the connection breaks.
      this.#held = watch(socket);
      this.#held.add(this);
    } else {
      // The response of HTTP/2 reports 'finish' for streams that broke as well: only the stream knows.
      (response.stream as ServerHttp2Stream & Leased)[kLease] = this;
      response.stream.once('close', onStreamClose);
    }
    return arena;
  }

  /** Every write was called back: of the last one Node says so by 'finish', and they end in order. */
  finish(): void {
    // Until version 24, Node calls back writes that a broken connection has cancelled, too.
    const { socket } = this.#request;
    this.end(socket.destroyed || socket.errored !== null ? 'broken' : 'finished');
  }

  /** Gives the arena back; after the first call, nothing. */
  end(how: RequestEnd): void {
    const arena = this.#arena;
    if (arena === null) return;
    this.#over = true;
    this.#arena = null;
    this.#held?.delete(this);
    this.#held = null;
    this.#pool.give(arena, how);
  }

  #tooLate(): FreeholdError {
    const { method = 'a request', url = 'unknown' } = this.#request;
    return new FreeholdError(
      'ERR_FREEHOLD_DISPOSED',
      `req.arena of ${method} ${url} was used when the response had already ended or the connection was closed; ` +
        `use it before res.end(), and copy what must live longer with arena.promote()`,
    );
  }
}

// The listeners are shared functions: no closures per request.
function onFinish(this: ServerResponse & Leased): void {
  this[kLease]?.finish();
}

function onStreamClose(this: ServerHttp2Stream & Leased): void {
  this[kLease]?.end(this.writableFinished && this.rstCode === 0 ? 'finished' : 'broken');
}

/** The leases that live on a connection; one listener per connection ends them. */
function watch(socket: Socket & Watched): Set<Lease> {
  const known = socket[kHeld];
  if (known !== undefined) return known;
  const held = new Set<Lease>();
  socket[kHeld] = held;
  socket.once('close', () => {
    for (const lease of [...held]) lease.end('broken');
  });
  return held;
}
