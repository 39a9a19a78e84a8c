import { checkFlag } from '../validate.ts';

/** Options of every scope. */
export interface AmbientOptions {
  /**
   * Whether the scope goes on through `await`s. Default: what can be seen, whether the function was declared `async`. To be
   * set for a function that only returns a promise, as a bound one; false for an async one that only needs the scope
   * before its first `await`.
   */
  async?: boolean;
}

/** Undefined when it is to be seen from the function. */
export function checkFollow(value: unknown): boolean | undefined {
  return value === undefined ? undefined : checkFlag(value, 'async');
}
