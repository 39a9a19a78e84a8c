import { inspect } from 'node:util';

import { wrongReceiverOf } from '../validate.ts';
import * as errors from './errors.ts';
import { takeBack, useBorrowed } from './lifecycle.ts';
import type { Shared } from './readonly-block.ts';
import { DISPOSED_TITLE, Title } from './title.ts';
import { keepShape } from './shapes.ts';

// By a name of this module: an imported class is looked up at each call.
const { is: isTitle } = Title;

/** Whether a value is a {@link Borrowed}. */
export let isBorrowed: (value: unknown) => boolean;

/**
 * A resource that its owner has lent to a reader. Made by {@link Owned.borrow} and {@link borrow}. While it lives the owner can
 * neither end, move nor release the resource, nor lend it to a writer. Whoever borrowed ends the borrow, with `using` or
 * {@link Borrowed.end}; after that `value` throws.
 *
 * What was read from `value` before cannot be taken away from who kept it: keep the borrow, not the value.
 *
 * @example
 * ```ts
 * import { Pool, owned, type Block, type Borrowed } from 'freehold';
 * import assert from 'node:assert';
 *
 * const firstByte = (block: Borrowed<Block>): number => block.value[0];
 *
 * using pool = new Pool({ blockBytes: 64 });
 * using owner = owned(pool, 64);
 * {
 *   using reader = owner.borrow();
 *   assert.equal(firstByte(reader), 0);
 *   assert.throws(() => owner.dispose(), { code: 'ERR_FREEHOLD_BORROWED' });
 * }
 * owner.value[0] = 1;
 * ```
 */
export class Borrowed<T> implements Disposable {
  #title: Title<T> | null;

  /** @internal */
  constructor(title: Title<T>) {
    if (!isTitle(title)) throw errors.notMadeByNew('a borrow', 'borrow()', title);
    this.#title = title;
  }

  static {
    isBorrowed = (value) => typeof value === 'object' && value !== null && #title in value;
  }

  /**
   * The resource, to be read. Valid until the borrow's end.
   *
   * @throws `ERR_FREEHOLD_DISPOSED` after that, `ERR_FREEHOLD_USE_AFTER_FREE` when the memory of a block was ended by others.
   */
  get value(): Shared<T> {
    const title = Borrowed.#checked(this).#title;
    if (title === null) throw errors.borrowEnded();
    return useBorrowed(title) as Shared<T>;
  }

  /** Whether the borrow has ended. */
  get ended(): boolean {
    return Borrowed.#checked(this).#title === null;
  }

  /** Ends the borrow. Further calls do nothing. Throws only what the end of an owner throws that waits for it. */
  end(): void {
    const title = Borrowed.#checked(this).#title;
    if (title === null) return;
    this.#title = null;
    takeBack(title);
  }

  /** The same as {@link Borrowed.end}. */
  [Symbol.dispose](): void {
    Borrowed.#checked(this).end();
  }

  /** Whether it lives, for logs. */
  toJSON(): { ended: boolean } {
    return { ended: Borrowed.#checked(this).ended };
  }

  [inspect.custom](): string {
    return `Borrowed { ${Borrowed.#checked(this).ended ? 'ended' : 'lives'} }`;
  }

  static #checked<U>(value: Borrowed<U>): Borrowed<U> {
    if (typeof value === 'object' && value !== null && #title in value) return value;
    throw wrongReceiverOf('Borrowed', value);
  }
}

keepShape(new Borrowed(DISPOSED_TITLE));
