import { AsyncOwned, surrender, titleIn } from './async-owned.ts';
import { abandon, checkFree, finish } from './lifecycle.ts';
import { DISPOSED, DISPOSED_TITLE, EXCLUSIVE, FREE, MOVED_TITLE } from './title.ts';

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
export class Owned<T> extends AsyncOwned<T> implements Disposable {
  /**
   * A new handle that owns the resource; this one is dead from now on, and its end does nothing.
   *
   * @throws `ERR_FREEHOLD_MOVED`, `ERR_FREEHOLD_DISPOSED` for a dead handle, `ERR_FREEHOLD_BORROWED` while a borrow lives.
   */
  override move(): Owned<T> {
    const title = titleIn(this);
    checkFree(title, 'move');
    const moved = new Owned(title);
    surrender(this, MOVED_TITLE);
    return moved;
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
    const title = titleIn(this);
    if (title.state === DISPOSED) return;
    checkFree(title, 'dispose');
    finish(title);
    surrender(this, DISPOSED_TITLE);
  }

  /**
   * The end of the handle's scope: as {@link Owned.dispose}, but does nothing for a handle that was moved or released. With
   * borrows that live it throws `ERR_FREEHOLD_BORROWED`, and the last of them ends the resource.
   */
  [Symbol.dispose](): void {
    const title = titleIn(this);
    if (title.state < EXCLUSIVE) return;
    if (title.state !== FREE) abandon(title);
    finish(title);
    surrender(this, DISPOSED_TITLE);
  }
}
