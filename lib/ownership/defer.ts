import { AsyncDeferred } from './async-deferred.ts';
import { Deferred } from './deferred.ts';

/**
 * Runs a function at the end of a scope: `using _ = defer(() => …)`. It runs once, whatever ends the scope.
 *
 * @returns what `using` holds; `cancel()` makes it do nothing.
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no function.
 *
 * @example
 * ```ts
 * import { defer } from 'freehold';
 *
 * const order: string[] = [];
 * {
 *   using first = defer(() => order.push('last'));
 *   using second = defer(() => order.push('then'));
 *   order.push('first');
 * }
 * console.log(order.join(', ')); // first, then, last
 * ```
 */
export function defer(cleanup: () => void): Deferred {
  return new Deferred(cleanup);
}

/**
 * The same for a function that is awaited: `await using _ = deferAsync(async () => …)`.
 *
 * @example
 * ```ts
 * import { deferAsync } from 'freehold';
 * import { setTimeout } from 'node:timers/promises';
 *
 * let done = false;
 * {
 *   await using _ = deferAsync(async () => {
 *     await setTimeout(1);
 *     done = true;
 *   });
 * }
 * console.log(done); // true
 * ```
 */
export function deferAsync(cleanup: () => PromiseLike<void> | void): AsyncDeferred {
  return new AsyncDeferred(cleanup);
}
