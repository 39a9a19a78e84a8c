import { types } from 'node:util';

import { FreeholdError } from '../errors.ts';
import { checkFunction } from '../validate.ts';
import { configureDebug, isDebugging } from './debug.ts';
import { Ledger, latestSerial } from './ledger.ts';
import { type LeakReport, reportOn, reportText } from './leaks.ts';
import { state } from './state.ts';

/**
 * Thrown by {@link expectNoLeaks}, with code `ERR_FREEHOLD_LEAK`; the message has the stacks.
 */
export class LeaksError extends FreeholdError {
  /** What was not freed. */
  readonly report: LeakReport;

  constructor(report: LeakReport) {
    super('ERR_FREEHOLD_LEAK', reportText(report, 'stacks'));
    this.report = report;
  }
}

/**
 * Runs a test, and fails it when blocks live afterwards that were allocated meanwhile, from whatever allocator that is not
 * disposed. Switches debug mode on. Gives what the function gives; awaits it when that is a promise.
 *
 * Without an argument it gives an object for `using`, whose end is the check.
 *
 * @throws `ERR_FREEHOLD_LEAK` with the places that have allocated what lives.
 *
 * @example
 * ```ts
 * import { Heap, expectNoLeaks } from 'freehold';
 * import assert from 'node:assert';
 *
 * const heap = new Heap();
 * expectNoLeaks(() => heap.free(heap.alloc(64)));
 * assert.throws(() => expectNoLeaks(() => heap.alloc(64)), { code: 'ERR_FREEHOLD_LEAK' });
 * ```
 */
export function expectNoLeaks(): Disposable;
export function expectNoLeaks<T>(run: () => T): T;
export function expectNoLeaks<T>(run?: () => T): T | Disposable {
  if (!isDebugging()) recordAll();
  const since = latestSerial();
  const check = (): void => {
    const report = reportOn(Ledger.inUse(), since);
    if (report.status === 'leak') throw new LeaksError(report);
  };
  if (run === undefined) return { [Symbol.dispose]: check };
  checkFunction(run, 'what expectNoLeaks() runs');
  const result = run();
  if (types.isPromise(result)) {
    return result.then((value: unknown) => {
      check();
      return value;
    }) as T;
  }
  check();
  return result;
}

/** Switches debug mode on; of samples nothing could be expected. */
function recordAll(): void {
  const { guard } = state.settings;
  configureDebug({ onLeak: 'ignore', record: 'all', guard: guard === 'sampled' ? 'none' : guard });
}
