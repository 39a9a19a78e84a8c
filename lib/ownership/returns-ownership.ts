import { types } from 'node:util';

import { checkFunction } from '../validate.ts';
import type { AsyncOwned } from './async-owned.ts';
import { likeFunction } from './like-function.ts';
import { own } from './own.ts';
import type { Owned } from './owned.ts';
import type { Owner } from './owner.ts';
import { isOwner } from './owners.ts';

/**
 * What a caller of a function gets whose result has an owner: a handle as it is, a resource in a handle, nothing as nothing,
 * and of a promise the same.
 */
export type WithOwner<R> = R extends null | undefined
  ? R
  : R extends PromiseLike<infer V>
    ? Promise<WithOwner<V>>
    : R extends Owner<unknown>
      ? R
      : R extends Disposable
        ? Owned<R>
        : R extends AsyncDisposable
          ? AsyncOwned<R>
          : never;

/** What a function may return whose result can have an owner. */
export type Ownable =
  | Disposable
  | AsyncDisposable
  | null
  | undefined
  | PromiseLike<Disposable | AsyncDisposable | null | undefined>;

/** What a method may return that says itself that its result has an owner. */
export type OwnedResult =
  AsyncOwned<unknown> | null | undefined | PromiseLike<Owner<unknown> | null | undefined>;

/**
 * A function whose result belongs to its caller, which gets a handle that owns it: a resource gets one, and a handle that
 * `fn` returns is moved, so that `fn` cannot use it any more. What is no resource, or was disposed before it was returned
 * (`using` in `fn`), is refused. Null and undefined stay what they are; a promise is one of the same.
 *
 * Also a standard decorator of methods, whose declared result is then a handle already: what is checked is that it lives, and
 * that nobody else keeps it.
 *
 * @throws what `fn` throws; `ERR_FREEHOLD_INVALID_ARGUMENT` for a result that cannot be owned, `ERR_FREEHOLD_MOVED`,
 * `ERR_FREEHOLD_DISPOSED` or `ERR_FREEHOLD_BORROWED` for a handle that cannot be moved, `ERR_FREEHOLD_MOVED` for a resource
 * that has another owner.
 *
 * @example
 * ```ts
 * import { Pool, returnsOwnership } from 'freehold';
 *
 * using pool = new Pool({ blockBytes: 64 });
 * const greeting = returnsOwnership((name: string) => pool.string(`hello ${name}`));
 * {
 *   using text = greeting('you');
 *   console.log(text.value.toString()); // hello you
 * }
 * console.log(pool.blocks); // 0
 * ```
 */
export function returnsOwnership<This, A extends unknown[], R extends OwnedResult>(
  method: (this: This, ...args: A) => R,
  context: ClassMethodDecoratorContext<This, (this: This, ...args: A) => R>,
): (this: This, ...args: A) => R;
export function returnsOwnership<This, A extends unknown[], R extends Ownable>(
  fn: (this: This, ...args: A) => R,
): (this: This, ...args: A) => WithOwner<R>;
export function returnsOwnership(
  fn: (this: unknown, ...args: unknown[]) => unknown,
): (this: unknown, ...args: unknown[]) => unknown {
  checkFunction(fn, 'fn');
  return likeFunction(fn, function (this: unknown, ...args: unknown[]): unknown {
    const result = Reflect.apply(fn, this, args);
    return types.isPromise(result) ? handOnAsync(result) : handOn(result);
  });
}

async function handOnAsync(result: Promise<unknown>): Promise<unknown> {
  return handOn(await result);
}

function handOn(result: unknown): unknown {
  if (result === null || result === undefined) return result;
  return isOwner(result) ? result.move() : own(result as Disposable);
}
