import { inspect } from 'node:util';

import { describe, wrongReceiverOf } from '../validate.ts';
import { isThere } from './block-ending.ts';
import { BorrowedMut } from './borrowed-mut.ts';
import { Borrowed } from './borrowed.ts';
import * as errors from './errors.ts';
import { abandon, checkFree, finishAsync, lend, lendExclusively, use } from './lifecycle.ts';
import {
  DISPOSED,
  DISPOSED_TITLE,
  EXCLUSIVE,
  FREE,
  MOVED,
  MOVED_TITLE,
  RELEASED,
  RELEASED_TITLE,
  Title,
} from './title.ts';

/**
 * What can be said of a handle: nobody has borrowed from it (`'owned'`), readers have or a writer has, the block's memory was
 * ended by others (`'gone'`), or it is dead.
 */
export type OwnershipState =
  'owned' | 'borrowed' | 'borrowed exclusively' | 'gone' | 'moved' | 'released' | 'disposed';

/** A handle for logs. */
export interface OwnershipReport {
  readonly state: OwnershipState;
  /** Borrows that live now. */
  readonly borrows: number;
}

/** The title that a handle has. Throws for what is no handle, `what` in words. */
export let titleIn: <T>(handle: AsyncOwned<T>, what?: string) => Title<T>;
/** Takes the title from a handle, which says from then on why it has none. */
export let surrender: <T>(handle: AsyncOwned<T>, left: Title<undefined>) => void;
/** Whether a value is an {@link AsyncOwned}, which an {@link Owned} is too. */
export let isOwner: (value: unknown) => value is AsyncOwned<unknown>;

/**
 * The one owner of a resource that ends asynchronously: a file, a server, anything with `Symbol.asyncDispose`. Made by
 * {@link own} and {@link ownAsync}. For what can end at once there is {@link Owned}, which has all of this too.
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
    if (!(title instanceof Title)) throw errors.notMadeByNew('a handle', 'own() or owned()', title);
    this.#title = title;
  }

  static {
    titleIn = (handle, what) => {
      if (typeof handle === 'object' && handle !== null && #title in handle) return handle.#title;
      throw what === undefined ? wrongReceiverOf('Owned', handle) : errors.notAnOwner(what, handle);
    };
    surrender = <U>(handle: AsyncOwned<U>, left: Title<undefined>) => {
      handle.#title = left as unknown as Title<U>;
    };
    isOwner = (value): value is AsyncOwned<unknown> =>
      typeof value === 'object' && value !== null && #title in value;
  }

  /**
   * The resource. What is kept of it beyond a move, a release or the end is not the holder's any more.
   *
   * @throws `ERR_FREEHOLD_MOVED` when the handle was moved or released, `ERR_FREEHOLD_DISPOSED` when it was disposed,
   * `ERR_FREEHOLD_BORROWED` while a borrow lives, `ERR_FREEHOLD_USE_AFTER_FREE` when the memory of a block was ended by others.
   */
  get value(): T {
    return use(titleIn(this));
  }

  /** What can be said of it now. Never throws for a handle. */
  get state(): OwnershipState {
    const title = titleIn(this);
    switch (title.state) {
      case MOVED:
        return 'moved';
      case RELEASED:
        return 'released';
      case DISPOSED:
        return 'disposed';
      case EXCLUSIVE:
        return 'borrowed exclusively';
      case FREE:
        return isThere(title) ? 'owned' : 'gone';
      default:
        return 'borrowed';
    }
  }

  /** Borrows that live now. */
  get borrows(): number {
    const { state } = titleIn(this);
    return state === EXCLUSIVE ? 1 : state > 0 ? state : 0;
  }

  /**
   * A new handle that owns the resource; this one is dead from now on, and its end does nothing.
   *
   * @throws `ERR_FREEHOLD_MOVED`, `ERR_FREEHOLD_DISPOSED` for a dead handle, `ERR_FREEHOLD_BORROWED` while a borrow lives.
   */
  move(): AsyncOwned<T> {
    const title = titleIn(this);
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
    const title = titleIn(this);
    checkFree(title, 'release');
    const resource = use(title);
    title.state = RELEASED;
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
    const title = titleIn(this);
    lend(title);
    return new Borrowed(title);
  }

  /**
   * Lends the resource to one writer.
   *
   * @throws as {@link AsyncOwned.value}.
   */
  borrowMut(): BorrowedMut<T> {
    const title = titleIn(this);
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
    const title = titleIn(this);
    if (title.state === DISPOSED) return;
    checkFree(title, 'dispose');
    await this.#end(title);
  }

  /**
   * The end of the handle's scope: as {@link AsyncOwned.disposeAsync}, but does nothing for a handle that was moved or
   * released. With borrows that live it throws `ERR_FREEHOLD_BORROWED`, and the last of them ends the resource.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const title = titleIn(this);
    if (title.state < EXCLUSIVE) return;
    if (title.state !== FREE) abandon(title);
    await this.#end(title);
  }

  /** The state, for logs. */
  toJSON(): OwnershipReport {
    return { state: this.state, borrows: this.borrows };
  }

  [inspect.custom](): string {
    const title = titleIn(this);
    const what =
      title.state < EXCLUSIVE ? '' : ` ${inspect(title.resource, { depth: 0, breakLength: Infinity })}`;
    return `${nameOf(this)} { ${this.state}${what} }`;
  }

  async #end(title: Title<T>): Promise<void> {
    const ending = finishAsync(title);
    if (title.state === DISPOSED) this.#title = DISPOSED_TITLE as unknown as Title<T>;
    await ending;
  }
}

function nameOf(handle: object): string {
  const { name } = handle.constructor as { readonly name?: unknown };
  return typeof name === 'string' ? name : describe(handle);
}
