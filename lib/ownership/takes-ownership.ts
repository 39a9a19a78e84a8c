import { types } from 'node:util';

import { FreeholdError } from '../errors.ts';
import { checkFunction, checkSize, describe } from '../validate.ts';
import { endLeftovers, endLeftoversAsync } from './leftovers.ts';
import { checkFree } from './lifecycle.ts';
import { likeFunction } from './like-function.ts';
import type { Owner } from './owner.ts';
import { titleIn } from './owners.ts';

/** The positions, from 0, of those parameters that are handles, or handles that may be left out. */
export type OwnerPositions<A extends readonly unknown[]> = {
  [K in keyof A]-?: K extends `${infer N extends number}`
    ? [NonNullable<A[K]>] extends [never]
      ? never
      : NonNullable<A[K]> extends Owner<unknown>
        ? N
        : never
    : never;
}[number];

/** Nothing to add when all positions are those of handles; else something that no function is. */
type CheckPositions<A extends readonly unknown[], P extends number> = [P] extends [OwnerPositions<A>]
  ? unknown
  : { readonly 'not the position of an Owned': Exclude<P, OwnerPositions<A>> };

/** A decorator of methods that take ownership. */
export type TakesOwnershipDecorator<P extends number> = <This, A extends unknown[], R>(
  method: ((this: This, ...args: A) => R) & CheckPositions<A, P>,
  context: ClassMethodDecoratorContext<This, (this: This, ...args: A) => R>,
) => (this: This, ...args: A) => R;

type Fn = (this: unknown, ...args: unknown[]) => unknown;

/**
 * A function that takes what the handles at some of its positions own: at the call the caller's handles die, and `fn` gets
 * new ones, which it disposes, keeps or moves on. When one of them cannot be moved nothing is, and `fn` is not called. When
 * `fn` throws, or its promise is rejected, what it has taken and not moved on, released or disposed is ended. A handle that
 * is left out (null or undefined) stays left out.
 *
 * With positions alone it is a standard decorator of methods: `@takesOwnership(0)`.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no handle, `ERR_FREEHOLD_MOVED`, `ERR_FREEHOLD_DISPOSED` or
 * `ERR_FREEHOLD_BORROWED` for a handle that cannot be moved (the same one twice, too), and what `fn` throws.
 *
 * @example
 * ```ts
 * import { Pool, owned, takesOwnership, type Block, type Owned } from 'freehold';
 * import assert from 'node:assert';
 *
 * const send = takesOwnership((message: Owned<Block>, to: string) => {
 *   using mine = message;
 *   return `${mine.value.toString('latin1', 0, 5)} to ${to}`;
 * }, 0);
 *
 * using pool = new Pool({ blockBytes: 64 });
 * const message = owned(pool, 64);
 * message.value.write('hello');
 * assert.equal(send(message, 'you'), 'hello to you');
 * assert.throws(() => message.value, { code: 'ERR_FREEHOLD_MOVED' });
 * assert.equal(pool.blocks, 0);
 * ```
 */
export function takesOwnership<const P extends number>(
  position: P,
  ...positions: P[]
): TakesOwnershipDecorator<P>;
export function takesOwnership<This, A extends unknown[], R>(
  fn: (this: This, ...args: A) => R,
  position: OwnerPositions<A>,
  ...positions: OwnerPositions<A>[]
): (this: This, ...args: A) => R;
export function takesOwnership(first: Fn | number, ...rest: number[]): unknown {
  if (typeof first === 'number') {
    const positions = checkPositions([first, ...rest]);
    return (method: Fn) => taking(method, positions);
  }
  checkFunction(first, 'fn');
  return taking(first, checkPositions(rest));
}

function taking(fn: Fn, positions: readonly number[]): Fn {
  checkFunction(fn, 'method');
  return likeFunction(fn, function (this: unknown, ...args: unknown[]): unknown {
    const taken = take(args, positions);
    let result: unknown;
    try {
      result = Reflect.apply(fn, this, args);
    } catch (error) {
      throw endLeftovers(taken, error);
    }
    return types.isPromise(result) ? endLeftoversAsync(result, taken) : result;
  });
}

/** Puts new handles in the place of the caller's, of all or of none. */
function take(args: unknown[], positions: readonly number[]): Owner<unknown>[] {
  const given = new Set<Owner<unknown>>();
  for (const position of positions) {
    const handle = args[position] as Owner<unknown> | null | undefined;
    if (handle === null || handle === undefined) continue;
    checkFree(titleIn(handle, `argument ${position}`), `argument ${position}: move`);
    if (given.has(handle)) throw givenTwice(position);
    given.add(handle);
  }
  const taken: Owner<unknown>[] = [];
  for (const position of positions) {
    const handle = args[position] as Owner<unknown> | null | undefined;
    if (handle !== null && handle !== undefined) taken.push((args[position] = handle.move()));
  }
  return taken;
}

function checkPositions(positions: readonly number[]): readonly number[] {
  for (const position of positions) checkSize(position, 'a position');
  if (positions.length > 0 && new Set(positions).size === positions.length) return positions;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `positions must be one or more different ones, but are ${describe(positions.join(', '))}`,
  );
}

function givenTwice(position: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_MOVED',
    `argument ${position} is a handle that another argument is already: what it owns can be taken once`,
  );
}
