// The request that code runs for, below any function and any `await`.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';

import type { Arena } from '../arena.ts';
import { FreeholdError } from '../errors.ts';
import type { Lease } from './lease.ts';

const requests = new AsyncLocalStorage<Lease>();

/**
 * The arena of the request that the code runs for, in any function that its handler has called, and after any `await`.
 *
 * It is `request.arena`, with the same life: it ends when the response has finished. Adapters with `context: false` do not set it.
 *
 * Throws `ERR_FREEHOLD_NO_REQUEST` outside of a request, `ERR_FREEHOLD_DISPOSED` when its response is over.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { once } from 'node:events';
 * import { arenaHandler, currentArena } from 'freehold/http';
 *
 * const greeting = () => currentArena().string('hello'); // anywhere in the program
 *
 * const server = createServer(arenaHandler((_req, res) => void res.end(greeting())));
 * await once(server.listen(0), 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export function currentArena(): Arena {
  const lease = requests.getStore();
  if (lease !== undefined) return lease.arena;
  throw new FreeholdError(
    'ERR_FREEHOLD_NO_REQUEST',
    'currentArena() was called outside of a request, or below a server whose arenas have the option context: false',
  );
}

/** Calls `body` for a request, so that `currentArena()` works below it where the settings want that. */
export function runFor<T>({ context }: { readonly context: boolean }, lease: Lease, body: () => T): T {
  return context ? requests.run(lease, body) : body();
}

/**
 * Makes the listeners of emitters run for a request. Node emits what comes from a socket in a context of the connection's, where
 * body parsers would lose it.
 */
export function bindTo(lease: Lease, ...emitters: readonly EventEmitter[]): void {
  const leaseOf = () => lease;
  for (const emitter of emitters) emitter.emit = emitFor(emitter, leaseOf);
}

/** The same for all emitters that inherit from a prototype, each for the request that `leaseOf` says, if any. */
export function bindAll<E extends EventEmitter>(
  prototype: E,
  leaseOf: (emitter: E) => Lease | undefined,
): void {
  const value = emitFor(prototype, leaseOf);
  Object.defineProperty(prototype, 'emit', { configurable: true, writable: true, value });
}

/** The method `emit` of an emitter for those that run for a request. */
function emitFor<E extends EventEmitter>(
  emitter: E,
  leaseOf: (emitter: E) => Lease | undefined,
): EventEmitter['emit'] {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its receiver
  const { emit } = emitter;
  return function (this: EventEmitter, ...args: Parameters<EventEmitter['emit']>): boolean {
    const lease = leaseOf(this as E);
    if (lease === undefined) return Reflect.apply(emit, this, args);
    // Most of what is emitted is by the handler, in its own context. No closure: this is on the way of each chunk.
    const wasHeard =
      requests.getStore() === lease
        ? Reflect.apply(emit, this, args)
        : requests.run(lease, Reflect.apply<EventEmitter, typeof args, boolean>, emit, this, args);
    if (args[0] === 'close') lease.closed(this);
    return wasHeard;
  };
}
