import { inspect } from 'node:util';

import { addressOf } from '../address-of.ts';
import { bufferOf } from '../captured.ts';
import { ownerOf, viewOwnerOf } from '../exposure.ts';
import { native } from '../native.ts';
import { wrongReceiverOf } from '../validate.ts';
import { hex } from './errors.ts';
import { Hold } from './hold.ts';
import { hearNews, listen, onNews, throwLater } from './news.ts';

/** How a block is lent. */
export interface LendOptions {
  /** What becomes of the block when it is back: it stays as it is, or it is freed. Default: `'keep'`. */
  then?: 'keep' | 'free';
}

const [FREE_POINTER, FREE_POINTER_WITH_HINT] = native.giveBackFunctions();

// The loans that are out, by number. They keep their blocks.
const out = new Map<number, Loan>();
let loans = 0;
// Loans whose end somebody waits for: then the event loop waits, too.
let awaited = 0;

/** What waits for the end of a loan. */
interface Waiter {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A block that a C library has for a while; see {@link lend}. It ends when the library gives the block back, or the program disposes
 * the loan.
 */
export class Loan implements Disposable {
  /** What the library is to be given, and will give back. */
  readonly address: bigint;
  /**
   * The address of a `void (*)(void *data)` which gives back what begins at `data`. A library may call it on any thread, at any time;
   * it returns at once, and what has to be done is done on this thread. It is the same for all loans.
   */
  readonly freePointer: bigint = FREE_POINTER;
  /** The same as a `void (*)(void *data, void *hint)`. The hint is not looked at. */
  readonly freePointerWithHint: bigint = FREE_POINTER_WITH_HINT;
  readonly #id: number = ++loans;
  readonly #then: 'keep' | 'free';
  #view: ArrayBufferView | null;
  readonly #hold: Hold;
  #waiter: Waiter | null = null;

  /** @internal */
  constructor(view: ArrayBufferView, then: 'keep' | 'free') {
    listen();
    this.#then = then;
    this.#hold = new Hold([view]);
    this.#view = view;
    try {
      this.address = addressOf(view);
      out.set(this.#id, this);
      native.lend(this.address, this.#id);
    } catch (error) {
      out.delete(this.#id);
      this.#hold.release();
      throw error;
    }
  }

  /** Whether the block is back. */
  get returned(): boolean {
    const loan = Loan.#checked(this);
    if (loan.#view !== null) hearNews();
    return loan.#view === null;
  }

  /**
   * Kept when the block is back. Rejected when it could not be freed then. As long as somebody has asked for it and the block is not
   * back, the process stays alive.
   */
  get done(): Promise<void> {
    const loan = Loan.#checked(this);
    if (loan.#waiter !== null) return loan.#waiter.promise;
    const isBack = loan.returned;
    const made = (loan.#waiter = waiter());
    if (isBack) made.resolve();
    else if (awaited++ === 0) native.holdLoop(true);
    return made.promise;
  }

  /**
   * Takes the block back, when the library has not given it back: it must not use it any more. Does nothing otherwise.
   *
   * @throws what the allocator throws when it cannot free the block.
   */
  [Symbol.dispose](): void {
    const loan = Loan.#checked(this);
    if (loan.returned) return;
    native.endLoan(loan.address, loan.#id);
    Loan.end(loan);
  }

  /** Whether it is back, and what of, for logs. */
  toJSON(): { address: string; returned: boolean } {
    const loan = Loan.#checked(this);
    return { address: hex(loan.address), returned: loan.#view === null };
  }

  [inspect.custom](): string {
    const { address, returned } = Loan.#checked(this).toJSON();
    return `Loan { ${address}, ${returned ? 'returned' : 'out'} }`;
  }

  /** @internal The block is back. */
  static end(loan: Loan): void {
    const view = loan.#view;
    if (view === null) return;
    loan.#view = null;
    out.delete(loan.#id);
    loan.#hold.release();
    const waiter = loan.#waiter;
    if (waiter !== null && --awaited === 0) native.holdLoop(false);
    try {
      if (loan.#then === 'free') free(view);
      waiter?.resolve();
    } catch (error) {
      if (waiter === null) throw error;
      waiter.reject(error);
    }
  }

  static #checked(value: Loan): Loan {
    if (typeof value === 'object' && value !== null && #id in value) return value;
    throw wrongReceiverOf('Loan', value);
  }
}

function free(view: ArrayBufferView): void {
  const buffer = bufferOf(view);
  const owner = viewOwnerOf(view) ?? (buffer === undefined ? undefined : ownerOf(buffer));
  // What is not its allocator's any more, the collector frees.
  if (owner?.owns(view) === true) owner.free(view);
}

function waiter(): Waiter {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((keep, refuse) => {
    resolve = keep;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

onNews(() => {
  for (const id of native.returnedLoans()) {
    const loan = out.get(id);
    if (loan === undefined) continue;
    try {
      Loan.end(loan);
    } catch (error) {
      throwLater(error);
    }
  }
  for (const address of native.loansReturnedTwice()) {
    process.emitWarning(
      `the memory at ${hex(address)} was given back by a library once more than it was lent: it calls freePointer twice, or the loan was disposed while the library had the block`,
      'FreeholdWarning',
    );
  }
});
