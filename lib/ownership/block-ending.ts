import type { Allocator } from '../allocator.ts';
import { Block } from '../block.ts';
import { bufferOf, byteLengthOf, isAttached } from '../captured.ts';
import { ownerOf, viewOwnerOf } from '../exposure.ts';
import { Rc, isRc, tallyOf } from '../rc.ts';
import { Slots, slotsOf } from '../slots.ts';
import { Ending } from './ending.ts';
import * as errors from './errors.ts';
import { DISPOSED, FREE, type Title, titleOf } from './title.ts';

const { lifeOf } = Slots;
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

/** Whether what a title is to is there. Always so for what is no block: who can know? */
export function isThere(title: Title<unknown>): boolean {
  const { life, resource } = title;
  // The usual case first: 2 ns.
  if (life !== 0) return lifeOf(resource) === life;
  return title.ending !== BLOCK || isBlockThere(title as Title<Block>);
}

function isBlockThere(title: Title<Block>): boolean {
  const block = title.resource;
  if (isRc(block)) return (tallyOf(block)?.handles ?? 0) > 0;
  // An arena in mode 'reuse' may have handed the same view to somebody else since.
  return (byteLengthOf(block) > 0 || isAttached(block)) && titleOf(block) === title;
}

/**
 * Frees the block of a title that nobody has borrowed. When the allocator refuses, as for a pinned block, the title is as it
 * was.
 */
export function endBlock(title: Title<Block>): void {
  if (title.life === 0) {
    endOther(title);
    return;
  }
  const block = title.resource;
  const slots = slotsOf(block);
  if (slots === undefined || viewOwnerOf(block) !== undefined) {
    endSlotBehindWrappers(title);
    return;
  }
  if (lifeOf(block) !== title.life) {
    title.state = DISPOSED;
    checkEnded(slots, block);
    return;
  }
  // In this order: a refusal changes nothing. No code of the program runs in these two.
  Slots.ownerOf(slots).free(block);
  title.state = DISPOSED;
}

function endSlotBehindWrappers(title: Title<Block>): void {
  if (lifeOf(title.resource) === title.life) {
    endOther(title);
    return;
  }
  title.state = DISPOSED;
  checkEnded(slotsOf(title.resource), title.resource);
}

/** A slot's life is over. When neither the end of its allocator nor a move of its memory did that, somebody has freed it. */
function checkEnded(slots: Slots | undefined, block: Block): void {
  if (slots === undefined || Slots.isDestroyed(slots)) return;
  if (byteLengthOf(block) > 0 || isAttached(block)) throw errors.freedByOther();
}

function endOther(title: Title<Block>): void {
  const block = title.resource;
  title.state = DISPOSED; // First: a wrapper's log, and allocators that are not ours, may call back.
  if (titleOf(block) !== title) return;
  try {
    if (isRc(block)) disposeRc.call(block);
    else disposeBlock.call(block);
  } catch (error) {
    if (isLiveBlock(block)) title.state = FREE;
    throw error;
  }
}
