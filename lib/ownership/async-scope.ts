import { checkFunction } from '../validate.ts';
import { isOwner } from './async-owned.ts';
import {
  BaseScope,
  type ScopeOptions,
  addCleanup,
  addOwned,
  checkCleanup,
  checkOpen,
  close,
  endMethodOf,
  hasFailed,
  removeCleanup,
  setFailed,
  transferTo,
} from './base-scope.ts';
import { type Cleanup, CleanupKind, perform } from './cleanup.ts';
import * as errors from './errors.ts';
import { ownAsync } from './own.ts';
import type { AsyncOwned } from './async-owned.ts';
import { suppress } from './suppressed-error.ts';

type AsyncCleanup = () => PromiseLike<void> | void;

/**
 * A {@link Scope} whose cleanups may be asynchronous: each is awaited before the next begins. Held by `await using`, or made
 * by {@link AsyncScope.run}.
 *
 * @example
 * ```ts
 * import { AsyncScope } from 'freehold';
 * import assert from 'node:assert';
 * import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 *
 * const names = await AsyncScope.run(async (scope) => {
 *   const folder = scope.adopt(await mkdtemp(join(tmpdir(), 'scope-')), (path) => rm(path, { recursive: true }));
 *   const file = scope.own(await open(join(folder, 'a'), 'w'));
 *   await file.write('closed, then removed');
 *   return readdir(folder);
 * });
 * assert.deepEqual(names, ['a']);
 * ```
 */
export class AsyncScope extends BaseScope implements AsyncDisposable {
  /**
   * Runs `body` with a scope that ends when the promise that it returns is settled. It has failed when that is rejected.
   *
   * @returns what the promise gives, when the scope has ended.
   * @throws what `body` throws, and what cleanups throw; for both a `SuppressedError`.
   */
  static async run<R>(
    body: (scope: AsyncScope) => PromiseLike<R> | R,
    options?: ScopeOptions,
  ): Promise<Awaited<R>> {
    checkFunction(body, 'body');
    const scope = new AsyncScope(options);
    let result: Awaited<R>;
    try {
      result = await body(scope);
    } catch (error) {
      setFailed(scope);
      throw await endAll(close(scope), true, error);
    }
    await scope.disposeAsync();
    return result;
  }

  /** `cleanup` runs at the end. */
  defer(cleanup: AsyncCleanup): void {
    checkCleanup(cleanup);
    addCleanup(this, CleanupKind.CALL, cleanup, undefined);
  }

  /** `cleanup` runs at the end if the scope has failed. */
  errdefer(cleanup: AsyncCleanup): void {
    checkCleanup(cleanup);
    addCleanup(this, CleanupKind.CALL_ON_FAILURE, cleanup, undefined);
  }

  /**
   * Makes the scope the owner of a resource, which it ends: asynchronously when the resource can. It has no other owner then,
   * as with {@link own}. A handle stays the handle; what it owns when the scope ends is ended.
   *
   * @returns the resource, valid as long as the scope; {@link AsyncScope.release} takes it out.
   * @throws as {@link own}.
   */
  own<T extends AsyncDisposable | Disposable>(resource: T): T;
  own<T>(value: T, dispose: (value: T) => PromiseLike<void> | void): T;
  own<T>(resource: T, dispose?: (value: T) => PromiseLike<void> | void): T {
    checkOpen(this);
    if (isOwner(resource)) return this.use(resource);
    const handle =
      dispose === undefined ? ownAsync(resource as T & AsyncDisposable) : ownAsync(resource, dispose);
    addOwned(this, handle, resource);
    return resource;
  }

  /**
   * The end of `value` is a cleanup: its `[Symbol.asyncDispose]()`, or its `[Symbol.dispose]()` when it has no other. Null and
   * undefined have none. Returns it.
   */
  use<T extends AsyncDisposable | Disposable | null | undefined>(value: T): T {
    checkOpen(this);
    if (value !== null && value !== undefined)
      addCleanup(this, CleanupKind.METHOD, endMethodOf(value, true), value);
    return value;
  }

  /** `dispose(value)` is a cleanup. Returns the value. */
  adopt<T>(value: T, dispose: (value: T) => PromiseLike<void> | void): T {
    checkCleanup(dispose);
    addCleanup(this, CleanupKind.ADOPTED, dispose, value);
    return value;
  }

  /**
   * Takes out what `own`, `use` or `adopt` was given, the last first if it was given twice: the caller ends it.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for anything else, and as {@link AsyncOwned.release} for what is borrowed.
   */
  release<T>(value: T): T {
    const { kind, run } = removeCleanup(this, value);
    if (kind === CleanupKind.OWNED) (run as unknown as AsyncOwned<T>).release();
    return value;
  }

  /**
   * The scope has succeeded, and hands on all that it would have done at its end, but for what `errdefer` was given: to a new
   * scope, or on top of what `to` has. This one is over.
   *
   * @returns the scope that has it now, which the caller ends.
   * @throws `ERR_FREEHOLD_DISPOSED` or `ERR_FREEHOLD_MOVED` when one of the two is over.
   */
  transfer(to: AsyncScope = new AsyncScope()): AsyncScope {
    if (!(to instanceof AsyncScope)) throw errors.notAScope('to', to);
    return transferTo(this, to);
  }

  /** Ends the scope. Further calls do nothing, nor does it after {@link AsyncScope.transfer}. Throws what cleanups throw. */
  async disposeAsync(): Promise<void> {
    const error = await endAll(close(this), hasFailed(this), NOTHING);
    if (error !== NOTHING) throw error;
  }

  /** The same as {@link AsyncScope.disposeAsync}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await AsyncScope.prototype.disposeAsync.call(this);
  }
}

/** No error: anything can be thrown, also undefined. */
const NOTHING = Symbol('no error');

/** Does all of it, one after the other. What is to be thrown after that, if `before` was thrown before. */
async function endAll(top: Cleanup | null, failed: boolean, before: unknown): Promise<unknown> {
  let thrown = before;
  for (let each = top; each !== null; each = each.next) {
    try {
      await perform(each, failed);
    } catch (error) {
      thrown = thrown === NOTHING ? error : suppress(error, thrown);
    }
  }
  return thrown;
}
