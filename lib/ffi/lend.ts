import { Loan, type LendOptions } from './loan.ts';
import { native } from '../native.ts';
import { checkChoice, readOptions } from '../validate.ts';

/**
 * Lends a block, or a typed array of an allocator's, to a C library that keeps it beyond the call. It is pinned until the library
 * gives it back by calling {@link Loan.freePointer}, on whatever thread, or the program disposes the loan.
 *
 * What a library has at the end of a worker stays mapped, for the library may still use it.
 *
 * @throws `ERR_FREEHOLD_USE_AFTER_FREE` when the memory is gone, `ERR_FREEHOLD_INVALID_ARGUMENT` for memory that is of no allocator,
 * or of one that cannot pin it, and for options that make no sense.
 *
 * @example
 * ```ts
 * import { Heap } from 'freehold';
 * import { lend } from 'freehold/ffi';
 * import koffi from 'koffi';
 *
 * using heap = new Heap();
 * const block = heap.alloc(64);
 * const loan = lend(block, { then: 'free' });
 *
 * // In the place of a library that has been given loan.address and loan.freePointer, and is done with them:
 * koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null); // koffi 3.3 calls nothing before it has loaded something
 * const Destructor = koffi.proto('void Destructor(uintptr_t data)');
 * koffi.call(loan.freePointer, Destructor, loan.address);
 *
 * await loan.done;
 * console.log(loan.returned, heap.stats().blocks); // true 0
 * ```
 */
export function lend(block: ArrayBufferView, options?: LendOptions): Loan {
  const { then = 'keep' } = readOptions(options, ['then'], 'lend');
  return new Loan(block, checkChoice(then, ['keep', 'free'], 'then'));
}

/** What libraries have been lent, by all threads of the process. */
export interface LoanStats {
  /** Loans that are out now. */
  readonly out: number;
  /** Blocks that libraries have given back. */
  readonly returned: number;
  /** Times that one gave back what was back already. Each is a `FreeholdWarning`, too, in the thread that had lent it. */
  readonly returnedTwice: number;
  /** Times that one gave back what was never lent, or by a thread that is gone, or longer ago than anybody remembers. */
  readonly unknown: number;
}

/** What libraries have, and have given back. */
export function loanStats(): LoanStats {
  const [out, returned, returnedTwice, unknown] = native.loanFigures();
  return { out, returned, returnedTwice, unknown };
}
