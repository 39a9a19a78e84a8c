import { inspect } from 'node:util';

import { wrongReceiverOf } from '../validate.ts';
import * as errors from './errors.ts';
import { takeBack, useBorrowed } from './lifecycle.ts';
import { DISPOSED_TITLE, Title } from './title.ts';
import { keepShape } from './shapes.ts';

// By a name of this module: an imported class is looked up at each call.
const { is: isTitle } = Title;

/** Whether a value is a {@link BorrowedMut}. */
export let isBorrowedMut: (value: unknown) => boolean;

/**
 * A resource that its owner has lent to a writer, the only one who uses it. Made by {@link Owned.borrowMut} and
 * {@link borrowMut}. While it lives the owner can neither end, move, release nor use the resource, nor lend it once more.
 * Whoever borrowed ends the borrow, with `using` or {@link BorrowedMut.end}; after that `value` throws.
 *
 * @example
 * ```ts
 * import { Pool, owned } from 'freehold';
 * import assert from 'node:assert';
 *
 * using pool = new Pool({ blockBytes: 64 });
 * using owner = owned(pool, 64);
 * {
 *   using writer = owner.borrowMut();
 *   writer.value.write('mine for now');
 *   assert.throws(() => owner.borrow(), { code: 'ERR_FREEHOLD_BORROWED' });
 * }
 * assert.equal(owner.value.toString('latin1', 0, 4), 'mine');
 * ```
 */
export class BorrowedMut<T> implements Disposable {
  #title: Title<T> | null;

  /** @internal */
  constructor(title: Title<T>) {
    if (!isTitle(title)) throw errors.notMadeByNew('a borrow', 'borrowMut()', title);
    this.#title = title;
  }

  static {
    isBorrowedMut = (value) => typeof value === 'object' && value !== null && #title in value;
  }

  /**
   * The resource. Valid until the borrow's end.
   *
   * @throws `ERR_FREEHOLD_DISPOSED` after that, `ERR_FREEHOLD_USE_AFTER_FREE` when the memory of a block was ended by others.
   */
  get value(): T {
    const title = BorrowedMut.#checked(this).#title;
    if (title === null) throw errors.borrowEnded();
    return useBorrowed(title);
  }

  /** Whether the borrow has ended. */
  get ended(): boolean {
    return BorrowedMut.#checked(this).#title === null;
  }

  /** Ends the borrow. Further calls do nothing. Throws only what the end of an owner throws that waits for it. */
  end(): void {
    const title = BorrowedMut.#checked(this).#title;
    if (title === null) return;
    this.#title = null;
    takeBack(title);
  }

  /** The same as {@link BorrowedMut.end}. */
  [Symbol.dispose](): void {
    BorrowedMut.#checked(this).end();
  }

  /** Whether it lives, for logs. */
  toJSON(): { ended: boolean } {
    return { ended: BorrowedMut.#checked(this).ended };
  }

  [inspect.custom](): string {
    return `BorrowedMut { ${BorrowedMut.#checked(this).ended ? 'ended' : 'lives'} }`;
  }

  static #checked<U>(value: BorrowedMut<U>): BorrowedMut<U> {
    if (typeof value === 'object' && value !== null && #title in value) return value;
    throw wrongReceiverOf('BorrowedMut', value);
  }
}

keepShape(new BorrowedMut(DISPOSED_TITLE));
