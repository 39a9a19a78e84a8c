import type { Allocator } from '../allocator.ts';
import { Block } from '../block.ts';
import { bufferOf, byteLengthOf, fill, min, setBytes } from '../captured.ts';
import { FreeholdError } from '../errors.ts';
import { ownerOf, setOwner } from '../exposure.ts';
import { type Book, type Cover, lay, mayEndBy, openBook } from './cover.ts';
import { hasSampleSlot } from './guards.ts';
import { totals } from './ledger.ts';
import { makeUndefined } from './memory.ts';
import type { Site } from './site.ts';
import { countOn, state } from './state.ts';

// Arenas and pools hand out a block as always, which nobody sees: it stands for one in memory of debug mode's, which the program
// gets. So limits, marks and figures are the allocator's own, and each block has an ArrayBuffer of its own.

/** The block that the program gets for `shadow`, which `allocator` has just handed out. */
export function coverShadow(
  allocator: Allocator,
  shadow: Block,
  alignment: number,
  zeroed: boolean,
  site: Site | null,
  giveBack: (shadow: Block) => void,
): Block {
  countOn();
  const byteLength = byteLengthOf(shadow);
  if (!hasSampleSlot()) return asItIs(shadow, zeroed);
  const face = ownerOf(bufferOf(shadow) as ArrayBuffer) ?? allocator;
  const book = openBook(allocator, face);
  let cover: Cover | null | undefined;
  try {
    cover = withinLimit(byteLength) ? lay(book, byteLength, alignment, site) : null;
  } catch (error) {
    giveBack(shadow); // At the end of the stack, for one.
    throw error;
  }
  if (cover === undefined) return asItIs(shadow, zeroed);
  if (cover === null) {
    giveBack(shadow);
    throw noRoom(byteLength);
  }
  setOwner(cover.buffer, face);
  const block = new Block(cover.buffer, cover.offset, byteLength);
  if (!zeroed && state.settings.poison) makeUndefined(block);
  cover.shadow = shadow;
  return (cover.block = block);
}

/** What `tryAlloc` and the like give where debug mode has no memory. */
export function orNull<T>(take: () => T): T | null {
  try {
    return take();
  } catch (error) {
    const { code } = error as FreeholdError;
    if (code === 'ERR_FREEHOLD_OUT_OF_MEMORY' || code === 'ERR_FREEHOLD_LIMIT') return null;
    throw error;
  }
}

/** A block that is not recorded after all. */
function asItIs(shadow: Block, zeroed: boolean): Block {
  if (zeroed) fill(shadow, 0);
  return shadow;
}

/**
 * Moves a covered block to the shadow that `realloc` has given for its old one. When there is no memory for that, the new shadow is
 * the old block's, which lives on.
 */
export function recoverShadow(
  cover: Cover,
  allocator: Allocator,
  shadow: Block,
  alignment: number,
  site: Site | null,
): Block {
  const before = cover.block;
  const block = coverShadow(allocator, shadow, alignment, true, site, () => {
    cover.shadow = shadow;
  });
  if (before !== null) {
    const kept = min(byteLengthOf(before), byteLengthOf(block));
    if (kept > 0) setBytes(block, new Uint8Array(cover.buffer, cover.offset, kept));
  }
  return block;
}

/** The shadow of a block that may be freed; undefined when it may not, and the program goes on in spite of that. */
export function shadowToFree(
  cover: Cover,
  allocator: Allocator,
  view: unknown,
  site: Site | null,
): Block | undefined {
  return mayEndBy(cover, allocator, view, site) ? (cover.shadow ?? undefined) : undefined;
}

/**
 * Calls back with all blocks of a book that are newer than the one with the number `since`, and no newer than `until`, the newest
 * first, so that it ends them. Whoever hears of what is found meanwhile may allocate and free.
 */
export function forEachSince(book: Book, since: number, until: number, finish: (cover: Cover) => void): void {
  for (
    let cover = newestUntil(book, until);
    cover !== null && cover.record.serial > since;
    cover = newestUntil(book, until)
  )
    finish(cover);
}

function newestUntil({ newest }: Book, until: number): Cover | null {
  let cover = newest;
  while (cover !== null && cover.record.serial > until) cover = cover.older;
  return cover;
}

/** Whether so many bytes more may live. */
export function withinLimit(byteLength: number): boolean {
  return totals.liveBytes + byteLength <= state.settings.memoryLimit;
}

/** What is thrown when debug mode has no memory for a block, or may have none. */
export function noRoom(byteLength: number): FreeholdError {
  const { memoryLimit } = state.settings;
  return withinLimit(byteLength)
    ? new FreeholdError(
        'ERR_FREEHOLD_OUT_OF_MEMORY',
        `debug mode cannot get ${byteLength} bytes from the engine; free memory elsewhere (tryAlloc() gives null instead)`,
      )
    : new FreeholdError(
        'ERR_FREEHOLD_LIMIT',
        `${byteLength} bytes more would exceed the memoryLimit of ${memoryLimit} of debug mode, of which ${totals.liveBytes} are in use`,
      );
}
