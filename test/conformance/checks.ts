import assert from 'node:assert/strict';
import { FreeholdError, type FreeholdErrorCode } from 'freehold';

/** The codes that say "not now": where `tryAlloc` gives null. */
const REFUSALS: ReadonlySet<string> = new Set<FreeholdErrorCode>([
  'ERR_FREEHOLD_OUT_OF_MEMORY',
  'ERR_FREEHOLD_LIMIT',
  'ERR_FREEHOLD_STACK_OVERFLOW',
]);

/** The code with which `run` fails, or 'ok'; what is thrown besides errors of the package is thrown on. */
export function codeOf(run: () => unknown): FreeholdErrorCode | 'ok' {
  try {
    run();
  } catch (error) {
    if (error instanceof FreeholdError) return error.code;
    throw error;
  }
  return 'ok';
}

/** That `run` fails with `code`; `what` says in a failure of the suite which of many it was. */
export function throwsCode(run: () => unknown, code: FreeholdErrorCode, what: string): void {
  assert.equal(codeOf(run), code, what);
}

/** What `run` gives, or null when it is refused. */
export function unlessRefused<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof FreeholdError && REFUSALS.has(error.code)) return null;
    throw error;
  }
}

/** Numbers from 0 to `below` - 1 that a seed determines (mulberry32). */
export function randomBelow(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
