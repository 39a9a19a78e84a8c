import type { Allocator } from '../allocator.ts';
import { FreeholdError } from '../errors.ts';
import { checkFlag, checkFunction, describe, readOptions } from '../validate.ts';
import { type FailingAllocator, type InducedFailure, failing } from './failing.ts';
import { leakError } from './leaks.ts';
import { checkAllocator } from './options.ts';
import { type TrackingAllocator, tracking } from './tracking.ts';

/** What {@link checkAllAllocationFailures} found. */
export interface FailureCheck {
  /** Requests for memory that the body makes when none fails: so many failed, each in a run of its own. */
  readonly requests: number;
}

/** How {@link checkAllAllocationFailures} checks. */
export interface FailureCheckOptions {
  /**
   * Whether a run may succeed although a request failed: where `tryAlloc` is used, or a fallback. Default: false.
   */
  readonly mayRecover?: boolean;
}

/**
 * Runs `body` once for every request for memory that it makes, each time on a fresh allocator that lets the next one of them
 * fail, and at last with none failing. Every failing run must throw the induced error, or an error with it among its
 * causes, and every run must have freed all that it allocated: what is forgotten on the way out of an error shows here.
 *
 * `makeAllocator` makes the memory of one run, which is disposed after it. When `body` returns a promise, runs are awaited one
 * after the other, and so must the result be.
 *
 * @throws `ERR_FREEHOLD_LEAK` (a {@link LeakError}) for what was not freed, `ERR_FREEHOLD_SWALLOWED` for a failing run that
 * succeeds or throws something else, and what `body` throws when nothing failed.
 *
 * @example
 * ```ts
 * import { Arena, checkAllAllocationFailures } from 'freehold';
 * import assert from 'node:assert';
 *
 * const { requests } = checkAllAllocationFailures(
 *   () => new Arena(),
 *   (allocator) => {
 *     using head = allocator.alloc(16);
 *     using tail = allocator.alloc(1000);
 *     assert.equal(head.length + tail.length, 1016);
 *   },
 * );
 * assert.equal(requests, 2);
 * ```
 */
export function checkAllAllocationFailures(
  makeAllocator: () => Allocator,
  body: (allocator: FailingAllocator) => PromiseLike<unknown>,
  options?: FailureCheckOptions,
): Promise<FailureCheck>;
export function checkAllAllocationFailures(
  makeAllocator: () => Allocator,
  body: (allocator: FailingAllocator) => unknown,
  options?: FailureCheckOptions,
): FailureCheck;
export function checkAllAllocationFailures(
  makeAllocator: () => Allocator,
  body: (allocator: FailingAllocator) => unknown,
  options?: FailureCheckOptions,
): FailureCheck | Promise<FailureCheck> {
  checkFunction(makeAllocator, 'makeAllocator');
  checkFunction(body, 'body');
  const read = readOptions(options, ['mayRecover'], 'checkAllAllocationFailures()');
  const mayRecover = checkFlag(read.mayRecover ?? false, 'mayRecover');
  for (let failAt = 0; ; failAt++) {
    const run = new Run(makeAllocator, failAt, mayRecover);
    const returned = run.start(body);
    if (isPromise(returned)) return runAll(run, returned, makeAllocator, body, mayRecover);
    if (run.end()) return { requests: failAt };
  }
}

/** The rest of the runs, from one that has begun, of a body that takes its time. */
async function runAll(
  first: Run,
  started: PromiseLike<unknown>,
  makeAllocator: () => Allocator,
  body: (allocator: FailingAllocator) => unknown,
  mayRecover: boolean,
): Promise<FailureCheck> {
  let run = first;
  let returned: unknown = started;
  for (let failAt = run.failAt; ;) {
    await run.settle(returned);
    if (run.end()) return { requests: failAt };
    run = new Run(makeAllocator, ++failAt, mayRecover);
    returned = run.start(body);
  }
}

/** One run of the body, in which the request with index `failAt` fails. */
class Run {
  readonly failAt: number;
  readonly #mayRecover: boolean;
  readonly #tracked: TrackingAllocator;
  readonly #allocator: FailingAllocator;
  #thrown: { readonly error: unknown } | undefined;

  constructor(makeAllocator: () => Allocator, failAt: number, mayRecover: boolean) {
    const memory = checkAllocator(makeAllocator(), 'what makeAllocator returns');
    this.failAt = failAt;
    this.#mayRecover = mayRecover;
    this.#tracked = tracking(memory, { onLeak: 'ignore', disposeInner: true });
    this.#allocator = failing(this.#tracked, { failAt, name: `run ${failAt}` });
  }

  start(body: (allocator: FailingAllocator) => unknown): unknown {
    try {
      return body(this.#allocator);
    } catch (error) {
      this.#thrown = { error };
      return undefined;
    }
  }

  async settle(returned: unknown): Promise<void> {
    try {
      await returned;
    } catch (error) {
      this.#thrown = { error };
    }
  }

  /** Whether nothing failed and nothing is left to try. Throws what the run did wrong. */
  end(): boolean {
    const leaks = this.#tracked.leaks();
    this.#tracked.dispose();
    const induced = this.#allocator.induced.at(0);
    if (induced === undefined) {
      if (this.#thrown !== undefined) throw this.#thrown.error;
    } else {
      this.#checkFailure(induced);
    }
    if (leaks.length > 0) {
      const when = induced === undefined ? 'when no request fails' : `when request ${this.failAt} fails`;
      throw leakError(`the memory of the body ${when}`, leaks);
    }
    return induced === undefined;
  }

  #checkFailure(induced: InducedFailure): void {
    const thrown = this.#thrown;
    if (thrown === undefined ? this.#mayRecover : causes(thrown.error).includes(induced.error)) return;
    const { request, operation, byteLength, error } = induced;
    const instead = thrown === undefined ? 'succeeded' : `threw ${summaryOf(thrown.error)}`;
    throw new FreeholdError(
      'ERR_FREEHOLD_SWALLOWED',
      `the body ${instead} although request ${request} (${operation} of ${byteLength} bytes) failed; its error must come out, alone or as a cause`,
      { cause: thrown === undefined ? error : thrown.error },
    );
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

/** An error, what it suppressed or gathered, and their causes, as far as they go. */
function causes(error: unknown): readonly unknown[] {
  const found = new Set<unknown>([error]);
  for (const each of found) {
    if (!(each instanceof Error)) continue;
    const { cause, error: thrown, suppressed, errors } = each as Error & Record<string, unknown>;
    for (const next of [cause, thrown, suppressed, ...(Array.isArray(errors) ? (errors as unknown[]) : [])]) {
      found.add(next);
    }
  }
  return [...found];
}

function summaryOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : describe(error);
}
