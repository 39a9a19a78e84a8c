import assert from 'node:assert/strict';
import { FreeholdError, type Borrowed, type BorrowedMut, type FreeholdErrorCode, type Owned } from 'freehold';

/** A resource, and what should be true of it. */
export interface Known {
  readonly resource: Disposable;
  /** Ends it behind its owner's back; undefined for what only its own end can end. */
  readonly freeRaw: (() => void) | undefined;
  /** Whether the allocator still has it, or its end has not run. */
  readonly lives: () => boolean;
  /** How often it has ended, where that can be told. */
  readonly ends: (() => number) | undefined;
  /** The program has it: it was released. */
  raw: boolean;
  ended: boolean;
  /** It was freed behind its owner's back. */
  gone: boolean;
  readers: number;
  writer: boolean;
  /** Its owner's scope has ended while it was borrowed. */
  abandoned: boolean;
}

/** A handle, and whether it should own what it was made for. */
export interface Held {
  handle: Owned<Disposable>;
  known: Known;
  state: 'owner' | 'moved' | 'released' | 'disposed';
}

/** A borrow that was begun. */
export interface Lent {
  readonly borrowed: Borrowed<Disposable> | BorrowedMut<Disposable>;
  readonly known: Known;
  readonly exclusive: boolean;
  ended: boolean;
}

export type Outcome = FreeholdErrorCode | 'ok';

/** The code of what a function throws, which must be an error of this package. */
export function outcomeOf(run: () => unknown): Outcome {
  try {
    run();
    return 'ok';
  } catch (error) {
    return codeIn(error);
  }
}

export function codeIn(error: unknown): FreeholdErrorCode {
  assert(error instanceof FreeholdError, `not an error of the package: ${String(error)}`);
  return error.code;
}

export type Use = 'value' | 'move' | 'release' | 'dispose' | 'end of scope' | 'borrow' | 'borrowMut';

/** What a use of a handle must come to, by the rules as the documentation has them. */
export function expected({ state, known }: Held, use: Use): Outcome {
  if (state === 'moved' || state === 'released') return use === 'end of scope' ? 'ok' : 'ERR_FREEHOLD_MOVED';
  if (state === 'disposed' || known.ended)
    return use === 'end of scope' || use === 'dispose' ? 'ok' : 'ERR_FREEHOLD_DISPOSED';
  if (known.writer || (known.readers > 0 && use !== 'borrow')) return 'ERR_FREEHOLD_BORROWED';
  if (!known.gone || use === 'move') return 'ok';
  return use === 'dispose' || use === 'end of scope'
    ? 'ERR_FREEHOLD_DOUBLE_FREE'
    : 'ERR_FREEHOLD_USE_AFTER_FREE';
}

/** What ends with the last borrow of an owner whose scope has ended: the code that this throws. */
export function endBorrow(lent: Lent): Outcome {
  const { known } = lent;
  if (lent.ended) return 'ok';
  lent.ended = true;
  if (lent.exclusive) known.writer = false;
  else known.readers--;
  if (!known.abandoned || known.readers > 0) return 'ok';
  known.ended = true;
  return known.gone ? 'ERR_FREEHOLD_DOUBLE_FREE' : 'ok';
}

/** Whether the world is as the model says. */
export function check(known: Known): void {
  if (known.gone) return;
  // The object of a block that was freed may be another's by now.
  if (!known.ended) assert(known.lives(), 'a resource lives as long as its owner says');
  else assert((known.ends?.() ?? 1) === 1, 'a resource ends once');
}
