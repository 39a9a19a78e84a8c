// The arena of one request: taken on first use, given back exactly once when the response is over.
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

import type { RequestEnd } from '../arena-pool.ts';
import type { Arena } from '../arena.ts';
import { FreeholdError } from '../errors.ts';
import { refusals } from '../refusals.ts';
import { bindAll, bindTo } from './context.ts';
import type { ServerSettings } from './options.ts';
import { showTiming } from './server-timing.ts';
import type { Loan } from './stock.ts';

const kLease = Symbol('freehold.lease');
const kHeld = Symbol('freehold.held');
const kShared = Symbol('freehold.shared');

/** What a prototype has for all requests that inherit from it: their arenas, or also the context of each. */
type Shared = 'arena' | 'context';

/** A prototype of requests that has something. */
interface Sharing {
  [kShared]?: Shared;
}

/** What a request, a response or a stream is for. */
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

// One shared accessor, not a value, since most requests may never ask. Not enumerable, so that copying a request takes no arena.
const ARENA_PROPERTY: PropertyDescriptor & ThisType<object> = {
  configurable: true,
  enumerable: false,
  get() {
    return leaseOf(this)?.arena;
  },
};

/**
 * Where the lease of a request is: with the state of its stream. All requests share its hidden class, whatever frameworks do to those
 * of their own; see {@link share}.
 */
function placeOf(request: Leased & { readonly _readableState?: Leased }): Leased {
  return request._readableState ?? request;
}

function leaseOf(request: object): Lease | undefined {
  return placeOf(request)[kLease];
}

/** What an adapter is like, whose framework has objects of type `T` for requests. */
export interface Adapter<T extends object> {
  /** How the route of a request is called, '' for not at all. Asked when the arena is taken: before, no route may be found yet. */
  readonly routeOf: (request: T) => string;
  /**
   * Whether the requests of Node have the property `arena`. To define it takes some 0.3 us, more than all else that is done for a
   * request whose arena nobody asks for; not where {@link share} has done it.
   */
  readonly definesArena: boolean;
}

/** The lease of a request, which its framework calls `own`. A request that has one already (from an outer handler) keeps it. */
export function lease<T extends object>(
  settings: ServerSettings,
  adapter: Adapter<T>,
  own: T,
  request: IncomingMessage,
  response: ServerResponse,
): Lease {
  const place = placeOf(request as Leased);
  const known = place[kLease];
  if (known !== undefined) {
    // From an adapter that has not defined it, perhaps.
    if (adapter.definesArena && !('arena' in request))
      Object.defineProperty(request, 'arena', ARENA_PROPERTY);
    return known;
  }
  const made = (place[kLease] = new Lease(settings, adapter, own, request, response));
  const shared = (request as IncomingMessage & Sharing)[kShared];
  if (adapter.definesArena && shared === undefined) Object.defineProperty(request, 'arena', ARENA_PROPERTY);
  if (settings.context && shared !== 'context') bindTo(made, request, response);
  if (settings.serverTiming) showTiming(made, response);
  return made;
}

/**
 * Gives all requests that inherit from a prototype, and all responses that inherit from theirs, what {@link lease} would give each of
 * them otherwise. Where a framework has set the prototype of a request, V8 (in Node 20 and 22) makes a hidden class for each property
 * that it is given after that, for each request anew, and keeps it until a full collection.
 */
export function share({ context }: ServerSettings, requests: object, responses: object): void {
  if ((requests as Sharing)[kShared] !== undefined) return;
  Object.defineProperty(requests, kShared, { configurable: true, value: context ? 'context' : 'arena' });
  Object.defineProperty(requests, 'arena', ARENA_PROPERTY);
  if (!context) return;
  bindAll(requests as EventEmitter, (request) => leaseOf(request)?.inContext);
  // None for the prototype itself.
  const requestOf = ({ req }: { readonly req?: object }) => req ?? responses;
  bindAll(responses as ServerResponse, (response) => leaseOf(requestOf(response))?.inContext);
}

/** The arena of a request that an adapter has been given; undefined for another one. */
export function leasedArena(request: object): Arena | undefined {
  return leaseOf(request)?.arena;
}

/** The arena of a request, for adapters whose own objects stand before it. */
export function arenaOf(request: IncomingMessage): Arena {
  const arena = leasedArena(request);
  if (arena !== undefined) return arena;
  throw new FreeholdError(
    'ERR_FREEHOLD_NO_REQUEST',
    `the arena of ${nameOf(request)} was asked for in code that runs before arenas(), or without it; register arenas() first`,
  );
}

/** Defines `request.arena` for a request that has no response: its connection is the listener's, and ends it. */
export function leaseSocket(settings: ServerSettings, request: IncomingMessage): Lease {
  const made = new Lease(settings, NODE, request, request, null);
  placeOf(request as Leased)[kLease] = made;
  Object.defineProperty(request, 'arena', ARENA_PROPERTY);
  return made;
}

/** Requests as Node has them, of which no routes are known. */
export const NODE: Adapter<IncomingMessage> = { routeOf: () => '', definesArena: true };

/** The requests that have arenas with a limit. */
const limited = new WeakMap<object, Lease>();

/** See the top of this file. */
export class Lease {
  readonly #settings: ServerSettings;
  readonly #adapter: Adapter<never>;
  // These are null once all is over.
  #own: object | null;
  #request: IncomingMessage | null;
  // Null also where the socket is all there is.
  #response: ServerResponse | null;
  // What the request was, once all is over.
  #name = '';
  #loan: Loan | null = null;
  #held: Set<Lease> | null = null;

  constructor(
    settings: ServerSettings,
    adapter: Adapter<never>,
    own: object,
    request: IncomingMessage,
    response: ServerResponse | null,
  ) {
    this.#settings = settings;
    this.#adapter = adapter;
    this.#own = own;
    this.#request = request;
    this.#response = response;
  }

  /** @throws FreeholdError ERR_FREEHOLD_DISPOSED once the response is over. */
  get arena(): Arena {
    return this.#loan === null ? this.#begin() : this.#loan.arena;
  }

  /** This, where `currentArena()` is to know it. */
  get inContext(): this | undefined {
    return this.#settings.context ? this : undefined;
  }

  /** Bytes taken so far; 0 when the arena was not asked for. */
  get used(): number {
    const arena = this.#loan?.arena;
    return arena === undefined || arena.disposed ? 0 : arena.used;
  }

  #begin(): Arena {
    const request = this.#request;
    const response: (ServerResponse & Leased & MaybeHttp2) | null = this.#response;
    const ended = response !== null && (response.writableEnded || response.destroyed);
    if (request === null || ended || request.socket.destroyed) throw this.#tooLate();
    const { socket } = request;
    const { stock } = this.#settings;
    const loan = stock.take(this.#adapter.routeOf(this.#own as never));
    this.#loan = loan;
    if (stock.isLimited) limited.set(loan.arena, this);
    if (response?.stream === undefined) {
      if (response !== null) {
        if (response.req !== request) response[kLease] = this;
        response.on('finish', onFinish);
      }
      // Asked of the socket: a pipelined response that waits for its turn hears nothing when the connection breaks.
      this.#held = watch(socket);
      this.#held.add(this);
      // What stands for a socket in tests that inject requests never closes.
      if (typeof socket.destroy !== 'function') response?.once('close', onClose);
    } else {
      // The response of HTTP/2 reports 'finish' for streams that broke as well: only the stream knows.
      (response.stream as ServerHttp2Stream & Leased)[kLease] = this;
      response.stream.once('close', onStreamClose);
    }
    return loan.arena;
  }

  /** The arena has refused a block because of its limit. */
  refused(error: FreeholdError): void {
    this.#loan?.route.refused();
    if (this.#request !== null) this.#settings.onLimit?.(error, this.#request);
  }

  /** Every write was called back: of the last one Node says so by 'finish', and they end in order. */
  finish(): void {
    if (this.#request === null) return;
    // Until version 24, Node calls back writes that a broken connection has cancelled, too.
    const { socket } = this.#request;
    this.end(socket.destroyed || isSet(socket.errored) ? 'broken' : 'finished');
  }

  /** Gives the arena back; after the first call, nothing. */
  end(how: RequestEnd): void {
    const loan = this.#loan;
    if (loan === null) return;
    this.#forget();
    this.#loan = null;
    this.#held?.delete(this);
    this.#held = null;
    this.#settings.stock.give(loan, how);
  }

  /** An emitter that runs for this request has told that it is closed. */
  closed(emitter: object): void {
    // A loan ends by what its own listeners hear.
    if (emitter === this.#response && this.#loan === null) this.#forget();
  }

  /**
   * Lets go of request and response. The contexts that know this live on with what Node keeps for the connection, such as the timer
   * of its idle time: each connection would keep all of the last request that it had.
   */
  #forget(): void {
    if (this.#request === null) return;
    this.#name = nameOf(this.#request);
    this.#own = null;
    this.#request = null;
    this.#response = null;
  }

  #tooLate(): FreeholdError {
    const name = this.#request === null ? this.#name : nameOf(this.#request);
    return new FreeholdError(
      'ERR_FREEHOLD_DISPOSED',
      `the arena of ${name} was used when the response had already ended or the connection was closed; ` +
        `use it before res.end(), and copy what must live longer with arena.promote()`,
    );
  }
}

refusals.hear = (arena, error) => {
  limited.get(arena)?.refused(error);
};

function nameOf({ method = 'a request', url = 'unknown' }: IncomingMessage): string {
  return `${method} ${url}`;
}

// What stands for a socket where there is none, as in tests that inject requests, may lack it.
function isSet(error: Error | null | undefined): boolean {
  return error !== null && error !== undefined;
}

// The listeners are shared functions: no closures per request.
function onFinish(this: ServerResponse & Leased): void {
  (this[kLease] ?? leaseOf(this.req))?.finish();
}

function onClose(this: ServerResponse & Leased): void {
  (this[kLease] ?? leaseOf(this.req))?.end('broken');
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
