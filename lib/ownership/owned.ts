import { inspect } from 'node:util';

import { wrongReceiverOf } from '../validate.ts';
import { endLife, isInLife } from '../slots.ts';
import { BLOCK, endInSlot } from './block-ending.ts';
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
const isInItsLife = isInLife;
const endItsLife = endLife;

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
  // With `TITLE_IN_SLOT`: the block of a slot, and in which life of it.
  #block: T | undefined;
  #life = 0;

  /** @internal */
  constructor(title: Title<T>, block?: T, life = 0) {
    if (!isTitle(title)) throw errors.notMadeByNew('Owned', 'own() or owned()', title);
    this.#title = title;
    this.#block = block;
    this.#life = life;
  }

  static {
    titleOfSync = (value) =>
      typeof value === 'object' && value !== null && #title in value ? Owned.#titleOf(value) : undefined;
  }

  /**
   * The resource. What is kept of it beyond a move, a release or the end is not the holder's any more.
   *
   * @throws `ERR_FREEHOLD_MOVED` when the handle was moved or released, `ERR_FREEHOLD_DISPOSED` when it was disposed,
   * `ERR_FREEHOLD_BORROWED` while a borrow lives, `ERR_FREEHOLD_USE_AFTER_FREE` when the memory of a block was ended by others.
   */
  get value(): T {
    const block = Owned.#inSlot(this);
    if (block !== undefined && isInItsLife(block, this.#life)) return block;
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
    const block = Owned.#inSlot(this);
    if (block === undefined) checkFree(this.#title, 'move');
    const moved = new Owned(this.#title, block, this.#life);
    this.#end(MOVED_TITLE);
    return moved;
  }

  /**
   * Hands the raw resource out, which the caller ends; this handle is dead from now on. {@link own} makes a new one.
   *
   * @throws as {@link Owned.move}, and `ERR_FREEHOLD_USE_AFTER_FREE` when the memory of a block was ended by others.
   */
  release(): T {
    const resource = release(Owned.#titleOf(this));
    this.#end(RELEASED_TITLE);
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
    const block = Owned.#inSlot(this);
    if (block !== undefined && endItsLife(block, this.#life)) {
      this.#end(TITLE_OF_DISPOSED);
      return;
    }
    const title = Owned.#titleOf(this);
    if (endItsSlot(title)) {
      this.#end(TITLE_OF_DISPOSED);
      return;
    }
    if (title.state !== State.FREE) {
      if (title.state === State.DISPOSED) return;
      throw errors.refusal(title.state, 'dispose');
    }
    finish(title);
    this.#end(TITLE_OF_DISPOSED);
  }

  /**
   * The end of the handle's scope: as {@link Owned.dispose}, but does nothing for a handle that was moved or released. With
   * borrows that live it throws `ERR_FREEHOLD_BORROWED`, and the last of them ends the resource.
   */
  [Symbol.dispose](): void {
    const block = Owned.#inSlot(this);
    if (block !== undefined && endItsLife(block, this.#life)) {
      this.#end(TITLE_OF_DISPOSED);
      return;
    }
    const title = Owned.#titleOf(this);
    if (endItsSlot(title)) {
      this.#end(TITLE_OF_DISPOSED);
      return;
    }
    if (title.state !== State.FREE) {
      if (title.state < State.EXCLUSIVE) return;
      abandon(title);
    }
    finish(title);
    this.#end(TITLE_OF_DISPOSED);
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
    if (title.state === State.DISPOSED) this.#end(TITLE_OF_DISPOSED);
    await ending;
  }

  /** The handle is dead from now on, for the reason that a title of nothing gives. */
  #end(title: Title<undefined>): void {
    this.#title = title as unknown as Title<T>;
    this.#block = undefined;
  }

  /** The block, where nothing was said of it but in which life of its slot it is. */
  static #inSlot<U>(value: Owned<U>): U | undefined {
    // That it is an object follows from its class.
    if (value instanceof Owned && #title in value) return value.#block;
    throw wrongReceiverOf('Owned', value);
  }

  static #titleOf<U>(value: Owned<U>): Title<U> {
    const block = Owned.#inSlot(value);
    if (block !== undefined) {
      value.#title = new Title(block, BLOCK, value.#life, undefined);
      value.#block = undefined;
    }
    return value.#title;
  }
}

keepShape(new Owned(DISPOSED_TITLE));
