import { checkChoice, readOptions } from '../validate.ts';

/** How a scope judges its end. */
export interface ScopeOptions {
  /**
   * `'succeeded'`: the scope has failed unless `succeed()` or `transfer()` was called. That is how a scope that `using` holds
   * learns of a throw and an early return, which nobody tells it. Default: it has failed when `fail()` was called, or the
   * function of `scoped()` throws.
   */
  failUnless?: 'succeeded';
}

/** Where a scope is in its life. */
export type ScopeState = 'open' | 'ended' | 'transferred';

/** A scope for logs. */
export interface ScopeReport {
  readonly state: ScopeState;
  /** Whether it would count as failed if it ended now, or did when it ended. */
  readonly failed: boolean;
  /** Cleanups that wait for its end. */
  readonly pending: number;
}

/** Whether a scope has failed as long as nobody says that it has succeeded. */
export function failsUnlessSaid(options: ScopeOptions): boolean {
  const { failUnless } = readOptions(options, ['failUnless'], 'a scope');
  if (failUnless === undefined) return false;
  checkChoice(failUnless, ['succeeded'], 'failUnless');
  return true;
}
