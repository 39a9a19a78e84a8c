import type { Allocator } from '../allocator.ts';
import { Block } from '../block.ts';
import { bufferOf, byteLengthOf, isAttached } from '../captured.ts';
import { ownerOf, viewOwnerOf } from '../exposure.ts';
import { Rc, isRc, tallyOf } from '../rc.ts';
import { Slots, endLife, isInLife, isTitled, setTitled, slotsOf } from '../slots.ts';
import { Ending } from './ending.ts';
import * as errors from './errors.ts';
import { setTitle, State, type Title, titleOf } from './title.ts';

// By names of this module: an imported function is looked up at each call.
const isInItsLife = isInLife;
const endItsLife = endLife;

// As they are now: a block may have a property of the same name.
const disposeBlock = Block.prototype[Symbol.dispose];
const disposeRc = Rc.prototype[Symbol.dispose];

/** How blocks end. Their titles go through {@link endBlock}, which knows when there is nothing left to end. */
export const BLOCK = new Ending(() => undefined, undefined, false);

/** Where a block goes back to; undefined for one that no allocator of this package has made or wrapped. */
export function allocatorOf(block: Block): Allocator | undefined {
  const buffer = bufferOf(block);
  return viewOwnerOf(block) ?? (buffer === undefined ? undefined : ownerOf(buffer));
}

/** Whether the memory that a block was made for is still its own. Costs what asking the allocator costs. */
export function isLiveBlock(block: Block): boolean {
  if (isRc(block)) return (tallyOf(block)?.handles ?? 0) > 0;
  return allocatorOf(block)?.owns(block) === true;
}

/** Whether somebody has the title to a block, and could still use it. */
export function isOwned(block: Block): boolean {
  if (isTitled(block)) return true;
  const title = titleOf(block);
  return title !== undefined && title.state >= State.EXCLUSIVE && isThere(title);
}

/** Names the title to a block. In a slot the number of the life does, which costs a twentieth. */
export function claim(title: Title<Block>): void {
  if (title.life !== 0) setTitled(title.resource, title.life);
  else setTitle(title.resource, title);
}

/** Takes that back: the block goes on without an owner. */
export function disclaim(title: Title<unknown>): void {
  if (title.life !== 0) setTitled(title.resource, 0);
}

/** Whether what a title is to is there. Always so for what is no block: who can know? */
export function isThere(title: Title<unknown>): boolean {
  const { life } = title;
  if (life !== 0) return isInItsLife(title.resource, life);
  return title.ending !== BLOCK || isBlockThere(title as Title<Block>);
}

function isBlockThere(title: Title<Block>): boolean {
  const block = title.resource;
  if (isRc(block)) return (tallyOf(block)?.handles ?? 0) > 0;
  if (byteLengthOf(block) === 0 && !isAttached(block)) return false;
  // An arena in mode 'reuse' may have handed the same view to somebody else since.
  return viewOwnerOf(block) === title.watcher && titleOf(block) === title;
}

/** Frees the block of a free title that is in a slot and nowhere else, the usual case; false, and nothing has changed, for others. */
export function endInSlot(title: Title<unknown>): boolean {
  if (title.state !== State.FREE || title.life === 0 || title.watcher !== undefined) return false;
  // No code of the program runs in it, so that the state may come after.
  if (!endItsLife(title.resource, title.life)) return false;
  title.state = State.DISPOSED;
  return true;
}

/**
 * Frees the block of a title that nobody has borrowed. When the allocator refuses, as for a pinned block, the title is as it
 * was.
 */
export function endBlock(title: Title<Block>): void {
  if (endInSlot(title)) return;
  const block = title.resource;
  title.state = State.DISPOSED; // First: a wrapper's log, and allocators that are not ours, may call back.
  if (title.life === 0 ? titleOf(block) !== title : !isInItsLife(block, title.life)) {
    checkEnded(block);
    return;
  }
  if (viewOwnerOf(block) !== title.watcher) throw errors.freedByOther();
  try {
    if (isRc(block)) disposeRc.call(block);
    else disposeBlock.call(block);
  } catch (error) {
    if (isLiveBlock(block)) title.state = State.FREE;
    throw error;
  }
}

/** The life of a block in a slot is over. When neither its allocator's end nor a move of its memory did that, somebody has freed it. */
function checkEnded(block: Block): void {
  const slots = slotsOf(block);
  if (slots === undefined || Slots.isDestroyed(slots)) return;
  if (byteLengthOf(block) > 0 || isAttached(block)) throw errors.freedByOther();
}
