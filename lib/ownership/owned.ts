import { inspect } from 'node:util';

import { wrongReceiverOf } from '../validate.ts';
import { endInSlot } from './block-ending.ts';
import { BorrowedMut } from './borrowed-mut.ts';
import { Borrowed } from './borrowed.ts';
import * as errors from './errors.ts';
import { abandon, checkFree, finish, finishAsync, lend, lendExclusively, release, use } from './lifecycle.ts';
import { type OwnershipReport, type OwnershipState, borrowsOf, showOwner, stateOf } from './owner.ts';
import { keepShape } from './shapes.ts';
import { DISPOSED_TITLE, MOVED_TITLE, RELEASED_TITLE, State, Title } from './title.ts';

// By names of this module: what is imported is looked up at each use.
const { is: isTitle } = Title;
const useResource = use;
const endItsSlot = endInSlot;
const TITLE_OF_DISPOSED = DISPOSED_TITLE;

/** The title of an {@link Owned}; undefined for what is none. */
export let titleOfSync: <T>(value: Owned<T>) => Title<T> | undefined;

/**
 * The one owner of a resource: of a block, of anything with `Symbol.dispose`, or of a value that a function ends. Made by
 * {@link owned} and {@link own}.
 *
 * Whoever has the handle ends the resource: with `using` or {@link Owned.dispose}. `move()` makes another handle the owner,
 * `release()` hands the raw resource out; both leave this handle dead, and its end does nothing. `borrow()` and `borrowMut()`
 * lend it: while a borrow lives the resource is neither ended, moved, released nor used by its owner.
 *
 * @example
 * ```ts
 * import { Pool, owned, type Block, type Owned } from 'freehold';
 * import assert from 'node:assert';
 *
 * using packets = new Pool({ blockBytes: 1500 });
 *
 * function packet(text: string): Owned<Block> {
 *   using made = owned(packets, 1500);
 *   made.value.write(text); // when this throws the block is freed
 *   return made.move(); // else it is the caller's
 * }
 *
 * {
 *   using hello = packet('hello');
 *   assert.equal(hello.value.toString('utf8', 0, 5), 'hello');
 * }
 * assert.equal(packets.blocks, 0);
 * ```
 */
export class Owned<T> implements Disposable, AsyncDisposable {
  #title: Title<T>;

  /** @internal */
  constructor(title: Title<T>) {
    if (!isTitle(title)) throw errors.notMadeByNew('Owned', 'own() or owned()', title);
    this.#title = title;
  }

  static {
    titleOfSync = (value) =>
      typeof value === 'object' && value !== null && #title in value ? value.#title : undefined;
  }

  /**
   * The resource. What is kept of it beyond a move, a release or the end is not the holder's any more.
   *
   * @throws `ERR_FREEHOLD_MOVED` when the handle was moved or released, `ERR_FREEHOLD_DISPOSED` when it was disposed,
   * `ERR_FREEHOLD_BORROWED` while a borrow lives, `ERR_FREEHOLD_USE_AFTER_FREE` when the memory of a block was ended by others.
   */
  get value(): T {
    return useResource(Owned.#titleOf(this));
  }

  /** What can be said of it now. Never throws for a handle. */
  get state(): OwnershipState {
    return stateOf(Owned.#titleOf(this));
  }

  /** Borrows that live now. */
  get borrows(): number {
    return borrowsOf(Owned.#titleOf(this));
  }

  /**
   * A new handle that owns the resource; this one is dead from now on, and its end does nothing.
   *
   * @throws `ERR_FREEHOLD_MOVED`, `ERR_FREEHOLD_DISPOSED` for a dead handle, `ERR_FREEHOLD_BORROWED` while a borrow lives.
   */
  move(): Owned<T> {
    const title = Owned.#titleOf(this);
    checkFree(title, 'move');
    const moved = new Owned(title);
    this.#title = MOVED_TITLE as unknown as Title<T>;
    return moved;
  }

  /**
   * Hands the raw resource out, which the caller ends; this handle is dead from now on. {@link own} makes a new one.
   *
   * @throws as {@link Owned.move}, and `ERR_FREEHOLD_USE_AFTER_FREE` when the memory of a block was ended by others.
   */
  release(): T {
    const resource = release(Owned.#titleOf(this));
    this.#title = RELEASED_TITLE as unknown as Title<T>;
    return resource;
  }

  /**
   * Lends the resource to a reader; there may be many. The caller owns the borrow, and ends it: with `using`, or
   * {@link borrow} around it all.
   *
   * @throws as {@link Owned.value}; `ERR_FREEHOLD_BORROWED` only while an exclusive borrow lives.
   */
  borrow(): Borrowed<T> {
    const title = Owned.#titleOf(this);
    lend(title);
    return new Borrowed(title);
  }

  /**
   * Lends the resource to one writer.
   *
   * @throws as {@link Owned.value}.
   */
  borrowMut(): BorrowedMut<T> {
    const title = Owned.#titleOf(this);
    lendExclusively(title);
    return new BorrowedMut(title);
  }

  /**
   * Ends the resource: a block is freed. Further calls do nothing. Where the memory of a block has ended with its allocator
   * there is nothing left to do.
   *
   * @throws `ERR_FREEHOLD_MOVED` for a handle that was moved or released, `ERR_FREEHOLD_BORROWED` while a borrow lives,
   * `ERR_FREEHOLD_PINNED` for a block that is pinned (nothing has changed after any of these), `ERR_FREEHOLD_DOUBLE_FREE` when
   * the block of a pool or of a heap's size class was freed behind the handle's back, and what the resource's own end throws.
   */
  dispose(): void {
    const title = Owned.#titleOf(this);
    if (endItsSlot(title)) {
      this.#title = TITLE_OF_DISPOSED as unknown as Title<T>;
      return;
    }
    if (title.state !== State.FREE) {
      if (title.state === State.DISPOSED) return;
      throw errors.refusal(title.state, 'dispose');
    }
    finish(title);
    this.#title = TITLE_OF_DISPOSED as unknown as Title<T>;
  }

  /**
   * The end of the handle's scope: as {@link Owned.dispose}, but does nothing for a handle that was moved or released. With
   * borrows that live it throws `ERR_FREEHOLD_BORROWED`, and the last of them ends the resource.
   */
  [Symbol.dispose](): void {
    const title = Owned.#titleOf(this);
    if (endItsSlot(title)) {
      this.#title = TITLE_OF_DISPOSED as unknown as Title<T>;
      return;
    }
    if (title.state !== State.FREE) {
      if (title.state < State.EXCLUSIVE) return;
      abandon(title);
    }
    finish(title);
    this.#title = TITLE_OF_DISPOSED as unknown as Title<T>;
  }

  /**
   * The same for a resource that has an end for `await using` too: by that one.
   *
   * @throws `ERR_FREEHOLD_MOVED` for a handle that was moved or released, `ERR_FREEHOLD_BORROWED` while a borrow lives (then
   * nothing has changed), and what the resource's own end throws.
   */
  async disposeAsync(): Promise<void> {
    const title = Owned.#titleOf(this);
    if (title.state === State.DISPOSED) return;
    checkFree(title, 'dispose');
    await this.#endAsync(title);
  }

  /**
   * The end of the handle's scope: as {@link Owned.disposeAsync}, but does nothing for a handle that was moved or
   * released. With borrows that live it throws `ERR_FREEHOLD_BORROWED`, and the last of them ends the resource.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const title = Owned.#titleOf(this);
    if (title.state < State.EXCLUSIVE) return;
    if (title.state !== State.FREE) abandon(title);
    await this.#endAsync(title);
  }

  /** The state, for logs. */
  toJSON(): OwnershipReport {
    const title = Owned.#titleOf(this);
    return { state: stateOf(title), borrows: borrowsOf(title) };
  }

  [inspect.custom](): string {
    return showOwner('Owned', Owned.#titleOf(this));
  }

  async #endAsync(title: Title<T>): Promise<void> {
    const ending = finishAsync(title);
    if (title.state === State.DISPOSED) this.#title = TITLE_OF_DISPOSED as unknown as Title<T>;
    await ending;
  }

  static #titleOf<U>(value: Owned<U>): Title<U> {
    // That it is an object follows from its class.
    if (value instanceof Owned && #title in value) return value.#title;
    throw wrongReceiverOf('Owned', value);
  }
}

keepShape(new Owned(DISPOSED_TITLE));
