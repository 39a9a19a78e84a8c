import { inspect } from 'node:util';

import { checkFunction, wrongReceiverOf } from '../validate.ts';
import { Cleanups } from './cleanups.ts';
import { endMethodOf } from './end-method.ts';
import { type ScopeOptions, type ScopeReport, type ScopeState } from './scope-options.ts';
import { type Cleanup, CleanupKind, perform } from './cleanup.ts';
import * as errors from './errors.ts';
import { isOwner } from './owners.ts';
import { ownAsync } from './own.ts';
import type { AsyncOwned } from './async-owned.ts';
import { suppress } from './suppressed-error.ts';
import { keepShape } from './shapes.ts';

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
export class AsyncScope implements AsyncDisposable {
  readonly #cleanups: Cleanups;

  /** @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense. */
  constructor(options?: ScopeOptions) {
    this.#cleanups = new Cleanups(options);
  }

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
      scope.#cleanups.failed = true;
      throw await endAll(scope.#cleanups.close(), true, error);
    }
    await AsyncScope.#end(scope.#cleanups);
    return result;
  }

  /** `cleanup` runs at the end. */
  defer(cleanup: AsyncCleanup): void {
    const cleanups = AsyncScope.#of(this);
    checkFunction(cleanup, 'cleanup');
    cleanups.add(CleanupKind.CALL, cleanup, undefined);
  }

  /** `cleanup` runs at the end if the scope has failed. */
  errdefer(cleanup: AsyncCleanup): void {
    const cleanups = AsyncScope.#of(this);
    checkFunction(cleanup, 'cleanup');
    cleanups.add(CleanupKind.CALL_ON_FAILURE, cleanup, undefined);
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
    const cleanups = AsyncScope.#of(this);
    cleanups.checkOpen();
    if (isOwner(resource)) return this.use(resource);
    const handle =
      dispose === undefined ? ownAsync(resource as T & AsyncDisposable) : ownAsync(resource, dispose);
    cleanups.addOwned(handle, resource);
    return resource;
  }

  /**
   * The end of `value` is a cleanup: its `[Symbol.asyncDispose]()`, or its `[Symbol.dispose]()` when it has no other. Null and
   * undefined have none. Returns it.
   */
  use<T extends AsyncDisposable | Disposable | null | undefined>(value: T): T {
    const cleanups = AsyncScope.#of(this);
    cleanups.checkOpen();
    if (value !== null && value !== undefined)
      cleanups.add(CleanupKind.METHOD, endMethodOf(value, true), value);
    return value;
  }

  /** `dispose(value)` is a cleanup. Returns the value. */
  adopt<T>(value: T, dispose: (value: T) => PromiseLike<void> | void): T {
    const cleanups = AsyncScope.#of(this);
    checkFunction(dispose, 'dispose');
    cleanups.add(CleanupKind.ADOPTED, dispose, value);
    return value;
  }

  /**
   * Takes out what `own`, `use` or `adopt` was given, the last first if it was given twice: the caller ends it.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for anything else, and as {@link AsyncOwned.release} for what is borrowed.
   */
  release<T>(value: T): T {
    const { kind, run } = AsyncScope.#of(this).remove(value);
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
    const cleanups = AsyncScope.#of(this);
    if (typeof to !== 'object' || to === null || !(#cleanups in to)) throw errors.notAScope('to', to);
    cleanups.transferTo(to.#cleanups);
    return to;
  }

  /** The scope has succeeded, until {@link AsyncScope.fail} is called: what `errdefer` was given will not run. */
  succeed(): void {
    const cleanups = AsyncScope.#of(this);
    cleanups.checkOpen();
    cleanups.failed = false;
  }

  /** The scope has failed, until {@link AsyncScope.succeed} is called: what `errdefer` was given runs at its end. */
  fail(): void {
    const cleanups = AsyncScope.#of(this);
    cleanups.checkOpen();
    cleanups.failed = true;
  }

  /** Where the scope is in its life. */
  get state(): ScopeState {
    return AsyncScope.#of(this).state;
  }

  /** Whether it would count as failed if it ended now, or did when it ended. */
  get failed(): boolean {
    return AsyncScope.#of(this).failed;
  }

  /** Cleanups that wait for its end. */
  get pending(): number {
    return AsyncScope.#of(this).pending;
  }

  /** Ends the scope. Further calls do nothing, nor does it after {@link AsyncScope.transfer}. Throws what cleanups throw. */
  async disposeAsync(): Promise<void> {
    await AsyncScope.#end(AsyncScope.#of(this));
  }

  /** The same as {@link AsyncScope.disposeAsync}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await AsyncScope.#end(AsyncScope.#of(this));
  }

  /** State and number of cleanups, for logs. */
  toJSON(): ScopeReport {
    return AsyncScope.#of(this).report();
  }

  [inspect.custom](): string {
    return AsyncScope.#of(this).show('AsyncScope');
  }

  static async #end(cleanups: Cleanups): Promise<void> {
    const error = await endAll(cleanups.close(), cleanups.failed, NOTHING);
    if (error !== NOTHING) throw error;
  }

  static #of(value: AsyncScope): Cleanups {
    if (typeof value === 'object' && value !== null && #cleanups in value) return value.#cleanups;
    throw wrongReceiverOf('AsyncScope', value);
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

keepShape(new AsyncScope());
