import { types } from 'node:util';

import { checkFunction } from '../validate.ts';
import type { AsyncOwned } from './async-owned.ts';
import * as errors from './errors.ts';
import { Owned } from './owned.ts';
import { endLeftovers, endLeftoversAsync } from './leftovers.ts';
import type { Owner } from './owner.ts';
import { titleIn } from './owners.ts';

/**
 * Ends what a handle owns, as {@link Owned.dispose}, and tells the compiler so: a later use of a member of the same variable
 * is a type error.
 *
 * @throws as {@link Owned.dispose}.
 *
 * @example
 * ```ts
 * import { Pool, drop, owned } from 'freehold';
 *
 * using pool = new Pool({ blockBytes: 64 });
 * const scratch = owned(pool, 64);
 * scratch.value.fill(1);
 * drop(scratch);
 * // scratch.value would not compile: scratch is of type `never` here
 * console.log(pool.blocks); // 0
 * ```
 */
export function drop<T>(handle: Owned<T>): asserts handle is never {
  if (!(handle instanceof Owned)) throw errors.notAnOwner('handle', handle);
  handle.dispose();
}

/**
 * Moves what a handle owns to `taker`, which gets a new handle, and tells the compiler so: a later use of a member of the
 * same variable is a type error. When `taker` throws, or the promise that it returns is rejected, what it has not moved on,
 * released or disposed is ended.
 *
 * @throws as {@link Owned.move}, and what `taker` throws. What a promise is rejected with is an unhandled rejection: a
 * function that is to be awaited is made by {@link takesOwnership}.
 *
 * @example
 * ```ts
 * import { Pool, give, owned, type Block, type Owned } from 'freehold';
 *
 * using pool = new Pool({ blockBytes: 64 });
 * const queue: Owned<Block>[] = [];
 * const message = owned(pool, 64);
 * message.value.write('for another');
 * give(message, (it) => queue.push(it));
 * // message.value would not compile: message is of type `never` here
 * console.log(queue[0].value.toString('latin1', 0, 3)); // for
 * ```
 */
export function give<T>(handle: Owned<T>, taker: (taken: Owned<T>) => unknown): asserts handle is never;
export function give<T>(
  handle: AsyncOwned<T>,
  taker: (taken: AsyncOwned<T>) => unknown,
): asserts handle is never;
export function give(handle: Owner<unknown>, taker: (taken: never) => unknown): void {
  checkFunction(taker, 'taker');
  titleIn(handle, 'handle');
  const taken = handle.move();
  let result: unknown;
  try {
    result = taker(taken as never);
  } catch (error) {
    throw endLeftovers([taken], error);
  }
  if (types.isPromise(result)) void endLeftoversAsync(result, [taken]);
}
