import { Owned } from './owned.ts';
import type { Owner } from './owner.ts';
import { keepShape } from './shapes.ts';

/** What a cleanup of a scope does. */
export const enum CleanupKind {
  /** Calls a function. */
  CALL,
  /** Calls a function when the scope has failed. */
  CALL_ON_FAILURE,
  /** Calls a function with a value. */
  ADOPTED,
  /** Calls a value's own method. */
  METHOD,
  /** Ends what a handle owns, which the scope has. */
  OWNED,
}

type Run = (value?: unknown) => unknown;

/** One cleanup of a scope, and those that were registered before it: a list, and not an array, saves an object of two. */
export class Cleanup {
  next: Cleanup | null;
  kind: CleanupKind;
  readonly run: Run;
  readonly value: unknown;

  constructor(next: Cleanup | null, kind: CleanupKind, run: unknown, value: unknown) {
    this.next = next;
    this.kind = kind;
    this.run = run as Run;
    this.value = value;
  }
}

/** Does it. What it returns is for those who await it. */
export function perform(cleanup: Cleanup, failed: boolean): unknown {
  switch (cleanup.kind) {
    case CleanupKind.CALL: {
      const { run } = cleanup; // Not as a method of the cleanup.
      return run();
    }
    case CleanupKind.CALL_ON_FAILURE: {
      const { run } = cleanup;
      return failed ? run() : undefined;
    }
    case CleanupKind.ADOPTED: {
      const { run, value } = cleanup;
      return run(value);
    }
    case CleanupKind.METHOD:
      return Reflect.apply(cleanup.run, cleanup.value, []);
    case CleanupKind.OWNED:
      return endOwned(cleanup.run);
  }
}

function endOwned(handle: unknown): unknown {
  if (!(handle instanceof Owned)) return (handle as Owner<unknown>)[Symbol.asyncDispose]();
  handle[Symbol.dispose]();
  return undefined;
}

keepShape(new Cleanup(null, CleanupKind.CALL, keepShape, undefined));
