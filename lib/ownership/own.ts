import { types } from 'node:util';

import type { Allocator } from '../allocator.ts';
import { Block } from '../block.ts';
import { viewOwnerOf } from '../exposure.ts';
import { claimLife, lifeOf } from '../slots.ts';
import { checkFunction } from '../validate.ts';
import { AsyncOwned } from './async-owned.ts';
import { BLOCK, allocatorOf, claim, isLiveBlock, isOwned, isThere } from './block-ending.ts';
import { isBorrowedMut } from './borrowed-mut.ts';
import { isBorrowed } from './borrowed.ts';
import { Ending } from './ending.ts';
import * as errors from './errors.ts';
import { Owned } from './owned.ts';
import type { Owner } from './owner.ts';
import { isOwner } from './owners.ts';
import { State, TITLE_IN_SLOT, Title, setTitle, titleOf } from './title.ts';

// By names of this module: what is imported is looked up at each use.
const claimItsLife = claimLife;
const Handle = Owned;
const IN_SLOT = TITLE_IN_SLOT as unknown as Title<Block>;

/**
 * No handle and no borrow: these have an end too, but what they stand for has an owner already. Not `Disposable` as well: with it
 * nothing is inferred for types that are made of that and more.
 */
interface Resource {
  readonly borrow?: never;
  readonly ended?: never;
}

/**
 * Makes a handle the owner of a resource: a {@link Block} of any allocator, anything with `Symbol.dispose`, a value that
 * `dispose` ends, or anything with `Symbol.asyncDispose` alone, whose handle is an {@link AsyncOwned}. From then on the
 * caller uses it through the handle only, and ends it by the handle only.
 *
 * A resource has one owner at a time. When two handles would own it the second call throws; a value that is no object
 * (a file descriptor) cannot be told apart, so of such there may be two.
 *
 * @throws `ERR_FREEHOLD_MOVED` when the resource has an owner, `ERR_FREEHOLD_USE_AFTER_FREE` for a block that is not
 * its allocator's any more, `ERR_FREEHOLD_INVALID_ARGUMENT` for what has no end, or is a handle.
 *
 * @example
 * ```ts
 * import { own } from 'freehold';
 * import { closeSync, fstatSync, openSync } from 'node:fs';
 *
 * using file = own(openSync(process.execPath, 'r'), closeSync);
 * console.log(fstatSync(file.value).isFile()); // true
 * ```
 */
export function own<T extends Disposable>(resource: T & Resource): Owned<T>;
export function own<T extends AsyncDisposable>(resource: T & { readonly borrow?: never }): AsyncOwned<T>;
export function own<T>(value: T, dispose: (value: T) => void): Owned<T>;
export function own(resource: unknown, dispose?: (value: never) => unknown): Owner<unknown> {
  checkOwnable(resource);
  if (dispose !== undefined) {
    checkFunction(dispose, 'dispose');
    return titled(Owned, resource, new Ending(dispose, undefined, false));
  }
  if (isBlock(resource)) return new Owned(blockTitle(resource));
  const ending = endingOf(resource);
  return ending.sync === undefined
    ? titled(AsyncOwned<unknown>, resource, ending)
    : titled(Owned<unknown>, resource, ending);
}

/**
 * The same for a resource whose end is to be awaited: with `Symbol.asyncDispose`, when it has both, or by `dispose`.
 *
 * @throws as {@link own}.
 *
 * @example
 * ```ts
 * import { ownAsync } from 'freehold';
 * import assert from 'node:assert';
 * import { once } from 'node:events';
 * import { createServer } from 'node:http';
 *
 * const server = createServer().listen(0);
 * {
 *   await using owner = ownAsync(server, async (it) => {
 *     it.close();
 *     await once(it, 'close');
 *   });
 *   assert(owner.value === server);
 * }
 * assert(!server.listening);
 * ```
 */
export function ownAsync<T extends AsyncDisposable | Disposable>(
  resource: T & { readonly borrow?: never; readonly ended?: never },
): AsyncOwned<T>;
export function ownAsync<T>(value: T, dispose: (value: T) => PromiseLike<void> | void): AsyncOwned<T>;
export function ownAsync(resource: unknown, dispose?: (value: never) => unknown): AsyncOwned<unknown> {
  checkOwnable(resource);
  if (dispose !== undefined) {
    checkFunction(dispose, 'dispose');
    return titled(AsyncOwned, resource, new Ending(undefined, dispose, false));
  }
  if (isBlock(resource)) return new AsyncOwned(blockTitle(resource));
  return titled(AsyncOwned, resource, endingOf(resource));
}

/** An allocator whose blocks are `B`. */
interface Source<B extends Block> {
  alloc(byteLength: number, alignment?: number): B;
}

/** One whose blocks have all the same length. */
interface SourceOfOneSize<B extends Block> {
  // A property and not a method, whose parameters would be compared less strictly.
  readonly alloc: (byteLength?: number, alignment?: number) => B;
}

/**
 * A block of `byteLength` zeroed bytes (0 to 2^53-1) from `allocator`, and the handle that owns it: `own(allocator.alloc(…))`
 * in one, and cheaper. The caller owns the handle. A pool's `byteLength` may be left out.
 *
 * @throws as the allocator's `alloc`, and `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no allocator.
 *
 * @example
 * ```ts
 * import { Heap, owned } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new Heap();
 * {
 *   using buffer = owned(heap, 4096, 64);
 *   buffer.value.write('freed at the end of this block');
 * }
 * assert.equal(heap.stats().blocks, 0);
 * ```
 */
export function owned<B extends Block>(allocator: SourceOfOneSize<B>, byteLength?: number): Owned<B>;
export function owned<B extends Block>(
  allocator: Source<B>,
  byteLength: number,
  alignment?: number,
): Owned<B>;
export function owned(allocator: Source<Block>, byteLength?: number, alignment?: number): Owned<Block> {
  if (typeof allocator !== 'object' || allocator === null || typeof allocator.alloc !== 'function')
    throw errors.notAnAllocator(allocator);
  const block =
    alignment === undefined
      ? allocator.alloc(byteLength as number)
      : allocator.alloc(byteLength as number, alignment);
  // What an older title to the same object says does not count: the allocator has handed it out anew.
  const life = claimItsLife(block, allocator);
  return life === 0 ? new Handle(otherTitle(allocator, block)) : new Handle(IN_SLOT, block, life);
}

/** A title to a block that is in no slot of the allocator itself. */
function otherTitle(allocator: Source<Block>, block: Block): Title<Block> {
  const ending = endingFrom(allocator, block);
  const title = new Title(block, ending, lifeOf(block), viewOwnerOf(block));
  claim(title);
  return title;
}

/** How a block ends. An allocator that is not of this package made blocks that do not know it. */
function endingFrom(allocator: Source<Block>, block: unknown): Ending {
  if (!isBlock(block)) throw errors.notABlock(block);
  if (allocatorOf(block) !== undefined) return BLOCK;
  return new Ending((it: Block) => (allocator as Allocator).free(it), undefined, false);
}

function isBlock(value: unknown): value is Block {
  return value instanceof Block && types.isUint8Array(value);
}

/** A new title to a block that lives. */
function blockTitle(block: Block): Title<Block> {
  if (allocatorOf(block) === undefined) throw errors.ofNoAllocator();
  if (isOwned(block)) throw errors.hasOwner();
  const watcher = viewOwnerOf(block);
  const life = lifeOf(block);
  if ((life === 0 || watcher !== undefined) && !isLiveBlock(block)) throw errors.gone();
  const title = new Title(block, BLOCK, life, watcher);
  claim(title);
  return title;
}

function titled<H>(handle: new (title: Title<unknown>) => H, resource: unknown, ending: Ending): H {
  const title = new Title(resource, ending, 0, undefined);
  if ((typeof resource === 'object' && resource !== null) || typeof resource === 'function') {
    checkUnowned(resource);
    setTitle(resource, title);
  }
  return new handle(title);
}

/** Its own ways to end, as they are now: as `using` does. */
function endingOf(resource: unknown): Ending {
  if ((typeof resource !== 'object' || resource === null) && typeof resource !== 'function')
    throw errors.notDisposable(resource);
  const { [Symbol.dispose]: sync, [Symbol.asyncDispose]: async } = resource as Partial<
    Disposable & AsyncDisposable
  >;
  const ending = new Ending(
    typeof sync === 'function' ? sync : undefined,
    typeof async === 'function' ? async : undefined,
    true,
  );
  if (ending.sync === undefined && ending.async === undefined) throw errors.notDisposable(resource);
  return ending;
}

function checkOwnable(value: unknown): void {
  if (isOwner(value) || isBorrowed(value) || isBorrowedMut(value)) throw errors.isHandle(value);
}

/** There is no title to it that somebody could still use. */
function checkUnowned(resource: object): void {
  const title = titleOf(resource);
  if (title === undefined || title.state < State.EXCLUSIVE) return;
  if (isThere(title)) throw errors.hasOwner();
}
