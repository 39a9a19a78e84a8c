import { inspect } from 'node:util';

import { wrongReceiverOf } from '../validate.ts';
import { BorrowedMut } from './borrowed-mut.ts';
import { Borrowed } from './borrowed.ts';
import * as errors from './errors.ts';
import { abandon, checkFree, finishAsync, lend, lendExclusively, release, use } from './lifecycle.ts';
import { type OwnershipReport, type OwnershipState, borrowsOf, showOwner, stateOf } from './owner.ts';
import { keepShape } from './shapes.ts';
import { DISPOSED_TITLE, MOVED_TITLE, RELEASED_TITLE, State, Title } from './title.ts';

// By a name of this module: an imported class is looked up at each call.
const { is: isTitle } = Title;

/** The title of an {@link AsyncOwned}; undefined for what is none. */
export let titleOfAsync: <T>(value: AsyncOwned<T>) => Title<T> | undefined;

/**
 * The one owner of a resource that ends asynchronously: a file, a server, anything with `Symbol.asyncDispose`. Made by
 * {@link own} and {@link ownAsync}. What can end at once has an {@link Owned}.
 *
 * Whoever has the handle ends the resource: with `await using` or {@link AsyncOwned.disposeAsync}. `move()` makes another
 * handle the owner, `release()` hands the raw resource out; both leave this handle dead. `borrow()` and `borrowMut()` lend
 * it: while a borrow lives the resource is neither ended, moved, released nor used by its owner.
 *
 * @example
 * ```ts
 * import { own } from 'freehold';
 * import assert from 'node:assert';
 * import { open } from 'node:fs/promises';
 *
 * {
 *   await using file = own(await open(process.execPath));
 *   assert((await file.value.stat()).size > 0);
 * } // closed here
 * ```
 */
export class AsyncOwned<T> implements AsyncDisposable {
  #title: Title<T>;

  /** @internal */
  constructor(title: Title<T>) {
    if (!isTitle(title)) throw errors.notMadeByNew('AsyncOwned', 'own() or ownAsync()', title);
    this.#title = title;
  }

  static {
    titleOfAsync = (value) =>
      typeof value === 'object' && value !== null && #title in value ? value.#title : undefined;
  }

  /**
   * The resource. What is kept of it beyond a move, a release or the end is not the holder's any more.
   *
   * @throws `ERR_FREEHOLD_MOVED` when the handle was moved or released, `ERR_FREEHOLD_DISPOSED` when it was disposed,
   * `ERR_FREEHOLD_BORROWED` while a borrow lives, `ERR_FREEHOLD_USE_AFTER_FREE` when the memory of a block was ended by others.
   */
  get value(): T {
    return use(AsyncOwned.#titleOf(this));
  }

  /** What can be said of it now. Never throws for a handle. */
  get state(): OwnershipState {
    return stateOf(AsyncOwned.#titleOf(this));
  }

  /** Borrows that live now. */
  get borrows(): number {
    return borrowsOf(AsyncOwned.#titleOf(this));
  }

  /**
   * A new handle that owns the resource; this one is dead from now on, and its end does nothing.
   *
   * @throws `ERR_FREEHOLD_MOVED`, `ERR_FREEHOLD_DISPOSED` for a dead handle, `ERR_FREEHOLD_BORROWED` while a borrow lives.
   */
  move(): AsyncOwned<T> {
    const title = AsyncOwned.#titleOf(this);
    checkFree(title, 'move');
    const moved = new AsyncOwned(title);
    this.#title = MOVED_TITLE as unknown as Title<T>;
    return moved;
  }

  /**
   * Hands the raw resource out, which the caller ends; this handle is dead from now on. {@link own} makes a new one.
   *
   * @throws as {@link AsyncOwned.move}, and `ERR_FREEHOLD_USE_AFTER_FREE` when the memory of a block was ended by others.
   */
  release(): T {
    const resource = release(AsyncOwned.#titleOf(this));
    this.#title = RELEASED_TITLE as unknown as Title<T>;
    return resource;
  }

  /**
   * Lends the resource to a reader; there may be many. The caller owns the borrow, and ends it: with `using`, or
   * {@link borrow} around it all.
   *
   * @throws as {@link AsyncOwned.value}; `ERR_FREEHOLD_BORROWED` only while an exclusive borrow lives.
   */
  borrow(): Borrowed<T> {
    const title = AsyncOwned.#titleOf(this);
    lend(title);
    return new Borrowed(title);
  }

  /**
   * Lends the resource to one writer.
   *
   * @throws as {@link AsyncOwned.value}.
   */
  borrowMut(): BorrowedMut<T> {
    const title = AsyncOwned.#titleOf(this);
    lendExclusively(title);
    return new BorrowedMut(title);
  }

  /**
   * Ends the resource, in the way that it has for `await using`. The handle is dead at once. Further calls do nothing.
   *
   * @throws `ERR_FREEHOLD_MOVED` for a handle that was moved or released, `ERR_FREEHOLD_BORROWED` while a borrow lives (then
   * nothing has changed), and what the resource's own end throws.
   */
  async disposeAsync(): Promise<void> {
    const title = AsyncOwned.#titleOf(this);
    if (title.state === State.DISPOSED) return;
    checkFree(title, 'dispose');
    await this.#endAsync(title);
  }

  /**
   * The end of the handle's scope: as {@link AsyncOwned.disposeAsync}, but does nothing for a handle that was moved or
   * released. With borrows that live it throws `ERR_FREEHOLD_BORROWED`, and the last of them ends the resource.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const title = AsyncOwned.#titleOf(this);
    if (title.state < State.EXCLUSIVE) return;
    if (title.state !== State.FREE) abandon(title);
    await this.#endAsync(title);
  }

  /** The state, for logs. */
  toJSON(): OwnershipReport {
    const title = AsyncOwned.#titleOf(this);
    return { state: stateOf(title), borrows: borrowsOf(title) };
  }

  [inspect.custom](): string {
    return showOwner('AsyncOwned', AsyncOwned.#titleOf(this));
  }

  async #endAsync(title: Title<T>): Promise<void> {
    const ending = finishAsync(title);
    if (title.state === State.DISPOSED) this.#title = DISPOSED_TITLE as unknown as Title<T>;
    await ending;
  }

  static #titleOf<U>(value: AsyncOwned<U>): Title<U> {
    if (typeof value === 'object' && value !== null && #title in value) return value.#title;
    throw wrongReceiverOf('AsyncOwned', value);
  }
}

keepShape(new AsyncOwned(DISPOSED_TITLE));
