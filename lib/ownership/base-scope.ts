import { inspect } from 'node:util';

import { checkChoice, checkFunction, disposedOf, readOptions, wrongReceiverOf } from '../validate.ts';
import type { AsyncOwned } from './async-owned.ts';
import { Cleanup, CleanupKind } from './cleanup.ts';
import * as errors from './errors.ts';

/** How a scope judges its end. */
export interface ScopeOptions {
  /**
   * `'succeeded'`: the scope has failed unless `succeed()` or `transfer()` was called. That is how a scope that `using` holds
   * learns of a throw and an early return, which nobody tells it. Default: it has failed when `fail()` was called, or the
   * function of `scoped()` throws.
   */
  failUnless?: 'succeeded';
}

/** What can be said of a scope. */
export type ScopeState = 'open' | 'ended' | 'transferred';

/** A scope for logs. */
export interface ScopeReport {
  readonly state: ScopeState;
  /** Whether it would count as failed if it ended now, or did when it ended. */
  readonly failed: boolean;
  /** Cleanups that wait for its end. */
  readonly pending: number;
}

/** Where a scope is in its life. */
const enum Phase {
  OPEN,
  ENDED,
  TRANSFERRED,
}

/** Ends a scope: no cleanup is added from then on. The first of what it has to do; null when there is none, or it has ended before. */
export let close: (scope: BaseScope) => Cleanup | null;
/** Whether a scope has failed. */
export let hasFailed: (scope: BaseScope) => boolean;
/** The scope has failed, whatever was said before. */
export let setFailed: (scope: BaseScope) => void;
/** Gives all cleanups of a scope to another but those for its failure: it has succeeded. */
export let transferTo: <S extends BaseScope>(from: BaseScope, to: S) => S;
/** Adds a cleanup. */
export let addCleanup: (scope: BaseScope, kind: CleanupKind, run: unknown, value: unknown) => void;
/** Takes the cleanup of a value back. */
export let removeCleanup: (scope: BaseScope, value: unknown) => Cleanup;
/** Throws for what is no scope, and for one that takes no cleanups any more. */
export let checkOpen: (scope: BaseScope) => void;

/** What {@link Scope} and {@link AsyncScope} have in common: a list of cleanups, and whether the scope has failed. */
export abstract class BaseScope {
  #top: Cleanup | null = null;
  #phase: Phase = Phase.OPEN;
  #failed = false;

  /** @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense. */
  constructor(options?: ScopeOptions) {
    if (options !== undefined) this.#failed = failsUnlessSaid(options);
  }

  static {
    close = (scope) => {
      const top = BaseScope.#checked(scope).#top;
      scope.#top = null;
      if (scope.#phase === Phase.OPEN) scope.#phase = Phase.ENDED;
      return top;
    };
    hasFailed = (scope) => scope.#failed;
    setFailed = (scope) => {
      scope.#failed = true;
    };
    checkOpen = (scope) => {
      BaseScope.#open(scope);
    };
    addCleanup = (scope, kind, run, value) => {
      const open = BaseScope.#open(scope);
      open.#top = new Cleanup(open.#top, kind, run, value);
    };
    removeCleanup = (scope, value) => {
      let above: Cleanup | null = null;
      for (let each = BaseScope.#open(scope).#top; each !== null; above = each, each = each.next) {
        if (each.value !== value || each.kind < CleanupKind.ADOPTED) continue;
        if (above === null) scope.#top = each.next;
        else above.next = each.next;
        return each;
      }
      throw errors.notInScope(value);
    };
    transferTo = (from, to) => {
      const target = BaseScope.#open(to);
      if ((BaseScope.#open(from) as unknown) === target) throw errors.toItself();
      const kept = withoutErrdefers(from.#top);
      from.#top = null;
      from.#phase = Phase.TRANSFERRED;
      from.#failed = false;
      if (kept !== null) {
        let last = kept;
        while (last.next !== null) last = last.next;
        last.next = target.#top;
        target.#top = kept;
      }
      return to;
    };
  }

  /** Where the scope is in its life. */
  get state(): ScopeState {
    const phase = BaseScope.#checked(this).#phase;
    return phase === Phase.OPEN ? 'open' : phase === Phase.ENDED ? 'ended' : 'transferred';
  }

  /** Whether it would count as failed if it ended now, or did when it ended. */
  get failed(): boolean {
    return BaseScope.#checked(this).#failed;
  }

  /** Cleanups that wait for its end. */
  get pending(): number {
    let count = 0;
    for (let each = BaseScope.#checked(this).#top; each !== null; each = each.next) count++;
    return count;
  }

  /** The scope has succeeded, until {@link Scope.fail} is called: what `errdefer` was given will not run. */
  succeed(): void {
    BaseScope.#open(this).#failed = false;
  }

  /** The scope has failed, until {@link Scope.succeed} is called: what `errdefer` was given runs at its end. */
  fail(): void {
    BaseScope.#open(this).#failed = true;
  }

  /** State and number of cleanups, for logs. */
  toJSON(): ScopeReport {
    return { state: this.state, failed: this.failed, pending: this.pending };
  }

  [inspect.custom](): string {
    const { state, failed, pending } = BaseScope.#checked(this).toJSON();
    return `${this.constructor.name} { ${state}, ${pending} pending${failed ? ', failed' : ''} }`;
  }

  static #checked<S extends BaseScope>(value: S): S {
    if (typeof value === 'object' && value !== null && #top in value) return value;
    throw wrongReceiverOf('Scope', value);
  }

  static #open<S extends BaseScope>(value: S): S {
    const scope = BaseScope.#checked(value);
    if (scope.#phase === Phase.ENDED) throw disposedOf('a scope');
    if (scope.#phase === Phase.TRANSFERRED) throw errors.wasTransferred();
    return scope;
  }
}

/** The list without what is for failures alone. */
function withoutErrdefers(top: Cleanup | null): Cleanup | null {
  let first = top;
  while (first?.kind === CleanupKind.CALL_ON_FAILURE) first = first.next;
  for (let each = first; each !== null; each = each.next)
    while (each.next?.kind === CleanupKind.CALL_ON_FAILURE) each.next = each.next.next;
  return first;
}

function failsUnlessSaid(options: ScopeOptions): boolean {
  const { failUnless } = readOptions(options, ['failUnless'], 'a scope');
  if (failUnless === undefined) return false;
  checkChoice(failUnless, ['succeeded'], 'failUnless');
  return true;
}

/** Adds the end of what a handle owns. */
export function addOwned(scope: BaseScope, handle: AsyncOwned<unknown>, resource: unknown): void {
  try {
    addCleanup(scope, CleanupKind.OWNED, handle, resource);
  } catch (error) {
    handle.release(); // A getter of the resource has ended the scope: it stays the caller's.
    throw error;
  }
}

/** A cleanup that is a function. */
export function checkCleanup(cleanup: unknown): void {
  checkFunction(cleanup, 'cleanup');
}

/** The value's own method for its end. */
export function endMethodOf(value: unknown, awaited: boolean): unknown {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function')
    throw errors.notDisposable(value);
  const resource = value as Partial<Disposable & AsyncDisposable>;
  const method = (awaited ? resource[Symbol.asyncDispose] : undefined) ?? resource[Symbol.dispose];
  if (typeof method !== 'function') throw errors.notDisposable(value);
  return method;
}
