/* eslint-disable @typescript-eslint/unbound-method -- methods are taken off, and called with a receiver */
import type { Block } from '../block.ts';
import type { FreeholdError } from '../errors.ts';
import { Pool } from '../pool.ts';
import { pinned } from '../pool-errors.ts';
import { Slots, slotOf } from '../slots.ts';
import { type Cover, bookOf, coverOf, end, isShown, labelOf, orphan } from './cover.ts';
import * as faults from './faults.ts';
import { isLeftOut } from './guards.ts';
import { latestSerial } from './ledger.ts';
import { raise, settle } from './raise.ts';
import { Fate } from './record.ts';
import { replaceMethod } from './replace-method.ts';
import { coverShadow, forEachSince, orNull, recoverShadow, shadowToFree } from './shadowed.ts';
import type { Site } from './site.ts';
import { siteOf, state } from './state.ts';
import { leftIn, tell } from './tell.ts';

// Pools in debug mode. A block may be known by its index alone: its cover is found by that, too.

const covers = new WeakMap<Pool, Map<number, Cover>>();

/** Makes pools record their blocks. */
export function watchPools(): void {
  const { prototype } = Pool;
  const own = methodsOf(prototype);
  const giveBack = (pool: Pool) => (shadow: Block) => {
    own.free.call(pool, shadow);
  };

  /** The block that the program gets, whether it has asked for a block or an index. */
  function cover(pool: Pool, shadow: Block, zeroed: boolean, site: Site | null): Block {
    const block = coverShadow(pool, shadow, pool.alignment, zeroed, site, giveBack(pool));
    enter(pool, slotOf(shadow), block);
    return block;
  }

  function covered(pool: Pool, index: number, site: Site | null): number {
    cover(pool, own.view.call(pool, index), false, site);
    return index;
  }

  replaceMethod(
    prototype,
    'alloc',
    () =>
      function alloc(this: Pool, byteLength?: number, alignment?: number): Block {
        if (--state.countdown > 0 || isLeftOut(byteLength))
          return own.alloc.call(this, byteLength, alignment);
        const site = siteOf(alloc);
        return cover(this, own.allocUnsafe.call(this, byteLength, alignment), true, site);
      },
  );
  replaceMethod(
    prototype,
    'allocUnsafe',
    () =>
      function allocUnsafe(this: Pool, byteLength?: number, alignment?: number): Block {
        if (--state.countdown > 0 || isLeftOut(byteLength))
          return own.allocUnsafe.call(this, byteLength, alignment);
        const site = siteOf(allocUnsafe);
        return cover(this, own.allocUnsafe.call(this, byteLength, alignment), false, site);
      },
  );
  replaceMethod(
    prototype,
    'tryAlloc',
    () =>
      function tryAlloc(this: Pool, byteLength?: number, alignment?: number): Block | null {
        if (--state.countdown > 0 || isLeftOut(byteLength))
          return own.tryAlloc.call(this, byteLength, alignment);
        const site = siteOf(tryAlloc);
        const shadow = own.tryAlloc.call(this, byteLength, alignment);
        return shadow === null ? null : orNull(() => cover(this, shadow, true, site));
      },
  );
  replaceMethod(
    prototype,
    'free',
    () =>
      function free(this: Pool, view: ArrayBufferView): void {
        const found = coverOf(view);
        if (found === undefined || !isOpen(this)) {
          own.free.call(this, view);
          return;
        }
        const site = siteOf(free);
        const shadow = shadowToFree(found, this, view, site);
        if (shadow === undefined) return;
        own.free.call(this, shadow);
        end(found, Fate.FREED, site);
        settle();
      },
  );
  replaceMethod(
    prototype,
    'realloc',
    () =>
      function realloc(this: Pool, block: Block, byteLength: number): Block {
        const found = coverOf(block);
        if (found === undefined || !isOpen(this)) return own.realloc.call(this, block, byteLength);
        const site = siteOf(realloc);
        const shadow = shadowToFree(found, this, block, site);
        if (shadow === undefined) return block;
        // It is to move, as it otherwise does not.
        const pins = Slots.pinsOf(this, slotOf(shadow));
        if (pins > 0) throw pinned(labelOf(this), 'realloc', pins);
        const moved = own.realloc.call(this, shadow, byteLength);
        const made = recoverShadow(found, this, moved, this.alignment, site);
        enter(this, slotOf(moved), made);
        end(found, Fate.MOVED, site);
        settle();
        return made;
      },
  );
  replaceMethod(
    prototype,
    'owns',
    () =>
      function owns(this: Pool, view: ArrayBufferView): boolean {
        const found = coverOf(view);
        if (found === undefined) return own.owns.call(this, view);
        return this.capacity >= 0 && found.book === bookOf(this) && isShown(found);
      },
  );
  replaceMethod(
    prototype,
    'pin',
    () =>
      function pin(this: Pool, block: Block) {
        return own.pin.call(this, shadowOf(block));
      },
  );
  replaceMethod(
    prototype,
    'handleOf',
    () =>
      function handleOf(this: Pool, block: Block | number): number {
        return own.handleOf.call(this, typeof block === 'number' ? block : shadowOf(block));
      },
  );
  replaceMethod(
    prototype,
    'allocIndex',
    () =>
      function allocIndex(this: Pool): number {
        if (--state.countdown > 0 || isLeftOut()) return own.allocIndex.call(this);
        const site = siteOf(allocIndex);
        return covered(this, own.allocIndex.call(this), site);
      },
  );
  replaceMethod(
    prototype,
    'tryAllocIndex',
    () =>
      function tryAllocIndex(this: Pool): number {
        if (--state.countdown > 0 || isLeftOut()) return own.tryAllocIndex.call(this);
        const site = siteOf(tryAllocIndex);
        const index = own.tryAllocIndex.call(this);
        return index < 0 ? index : (orNull(() => covered(this, index, site)) ?? -1);
      },
  );
  replaceMethod(
    prototype,
    'freeIndex',
    () =>
      function freeIndex(this: Pool, index: number): void {
        const found = covers.get(this)?.get(index);
        if (found === undefined || !isOpen(this)) {
          own.freeIndex.call(this, index);
          return;
        }
        const site = siteOf(freeIndex);
        try {
          own.freeIndex.call(this, index);
        } catch (error) {
          const { code } = error as FreeholdError;
          if (code !== 'ERR_FREEHOLD_DOUBLE_FREE') throw error;
          raise(faults.freedTwice(found.record, site));
          return;
        }
        end(found, Fate.FREED, site);
        settle();
      },
  );
  replaceMethod(
    prototype,
    'view',
    () =>
      function view(this: Pool, index: number): Block {
        const shadow = own.view.call(this, index);
        const found = covers.get(this)?.get(index);
        return found?.record.fate === Fate.LIVE ? (found.block ?? shadow) : shadow;
      },
  );
  replaceMethod(
    prototype,
    'dispose',
    () =>
      function dispose(this: Pool): void {
        const left = leftIn(bookOf(this));
        own.dispose.call(this);
        endAll(this, false, siteOf(dispose));
        if (left !== null) tell(left);
      },
  );
  replaceMethod(
    prototype,
    'orphan',
    () =>
      function orphan(this: Pool): void {
        own.orphan.call(this);
        endAll(this, true, siteOf(orphan));
      },
  );
}

function methodsOf(prototype: Pool) {
  const { alloc, allocUnsafe, tryAlloc, free, realloc, owns, pin, handleOf } = prototype;
  const { allocIndex, tryAllocIndex, freeIndex, view, dispose, orphan } = prototype;
  return {
    ...{ alloc, allocUnsafe, tryAlloc, free, realloc, owns, pin, handleOf },
    ...{ allocIndex, tryAllocIndex, freeIndex, view, dispose, orphan },
  };
}

/** Whether a pool takes requests. What is none, or was disposed, refuses by itself. */
function isOpen(pool: Pool): boolean {
  return pool instanceof Pool && !pool.disposed;
}

/** The block of a slot, by its index. */
function enter(pool: Pool, index: number, block: Block): void {
  const cover = coverOf(block);
  if (cover === undefined) return;
  let byIndex = covers.get(pool);
  if (byIndex === undefined) covers.set(pool, (byIndex = new Map<number, Cover>()));
  byIndex.set(index, cover);
}

/** What a pool itself knows of a block. A dead one it has not: then it finds nothing. */
function shadowOf(block: Block): Block {
  return coverOf(block)?.shadow ?? block;
}

function endAll(pool: Pool, orphans: boolean, site: Site | null): void {
  const book = bookOf(pool);
  if (book === undefined) return;
  forEachSince(book, 0, latestSerial(), (cover) => {
    if (orphans) orphan(cover, site);
    else end(cover, Fate.ENDED, site);
  });
  book.ledger.retire('disposed');
  settle();
}
