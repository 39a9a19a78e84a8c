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
  const { run } = cleanup; // Called as a function, and not as a method of the cleanup.
  return cleanup.kind === CleanupKind.CALL ? run() : performOther(cleanup, failed);
}

function performOther({ kind, run, value }: Cleanup, failed: boolean): unknown {
  switch (kind) {
    case CleanupKind.CALL_ON_FAILURE:
      return failed ? run() : undefined;
    case CleanupKind.ADOPTED:
      return run(value);
    case CleanupKind.METHOD:
      return Reflect.apply(run, value, []);
    default:
      return endOwned(run);
  }
}

function endOwned(handle: unknown): unknown {
  if (!(handle instanceof Owned)) return (handle as Owner<unknown>)[Symbol.asyncDispose]();
  handle[Symbol.dispose]();
  return undefined;
}

keepShape(new Cleanup(null, CleanupKind.CALL, keepShape, undefined));
