/* eslint-disable @typescript-eslint/unbound-method -- methods are taken off, and called with a receiver */
import { ArenaPool } from '../arena-pool.ts';
import { Arena, resetModeOf } from '../arena.ts';
import type { Block } from '../block.ts';
import type { ArenaMark } from '../mark.ts';
import { promote } from '../promote.ts';
import { type Cover, bookOf, coverOf, end, isShown, orphan } from './cover.ts';
import * as faults from './faults.ts';
import { isLeftOut } from './guards.ts';
import { latestSerial } from './ledger.ts';
import { settle } from './raise.ts';
import { Fate } from './record.ts';
import { replaceMethod } from './replace-method.ts';
import { coverShadow, forEachSince, orNull, recoverShadow, shadowToFree } from './shadowed.ts';
import type { Site } from './site.ts';
import { NEVER, siteOf, state } from './state.ts';

// Arenas, and with them stacks, in debug mode.

/** How far the thread had got when a mark was made. */
const marks = new WeakMap<ArenaMark, number>();

/** Makes arenas record their blocks. */
export function watchArenas(): void {
  const { prototype } = Arena;
  const own = methodsOf(prototype);
  const giveBack = (arena: Arena) => (shadow: Block) => {
    own.free.call(arena, shadow);
  };

  replaceMethod(
    prototype,
    'alloc',
    () =>
      function alloc(this: Arena, byteLength: number, alignment?: number): Block {
        if (--state.countdown > 0 || isLeftOut(byteLength))
          return own.alloc.call(this, byteLength, alignment);
        const site = siteOf(alloc);
        const shadow = own.allocUnsafe.call(this, byteLength, alignment);
        return coverShadow(this, shadow, alignment ?? 16, true, site, giveBack(this));
      },
  );
  replaceMethod(
    prototype,
    'allocUnsafe',
    () =>
      function allocUnsafe(this: Arena, byteLength: number, alignment?: number): Block {
        if (--state.countdown > 0 || isLeftOut(byteLength))
          return own.allocUnsafe.call(this, byteLength, alignment);
        const site = siteOf(allocUnsafe);
        const shadow = own.allocUnsafe.call(this, byteLength, alignment);
        return coverShadow(this, shadow, alignment ?? 16, false, site, giveBack(this));
      },
  );
  replaceMethod(
    prototype,
    'tryAlloc',
    () =>
      function tryAlloc(this: Arena, byteLength: number, alignment?: number): Block | null {
        if (--state.countdown > 0 || isLeftOut(byteLength))
          return own.tryAlloc.call(this, byteLength, alignment);
        const site = siteOf(tryAlloc);
        const shadow = own.tryAlloc.call(this, byteLength, alignment);
        if (shadow === null) return null;
        return orNull(() => coverShadow(this, shadow, alignment ?? 16, true, site, giveBack(this)));
      },
  );
  replaceMethod(
    prototype,
    'realloc',
    () =>
      function realloc(this: Arena, block: Block, byteLength: number): Block {
        const cover = coverOf(block);
        if (cover === undefined || !isOpen(this)) return own.realloc.call(this, block, byteLength);
        const site = siteOf(realloc);
        const shadow = shadowToFree(cover, this, block, site);
        if (shadow === undefined) return block;
        const moved = unrecorded(() => own.realloc.call(this, shadow, byteLength));
        const made = recoverShadow(cover, this, moved, 16, site);
        endBlock(this, cover, Fate.MOVED, site);
        return made;
      },
  );
  replaceMethod(
    prototype,
    'free',
    () =>
      function free(this: Arena, view: ArrayBufferView): void {
        const cover = coverOf(view);
        if (cover === undefined || !isOpen(this)) {
          own.free.call(this, view);
          return;
        }
        const site = siteOf(free);
        const shadow = shadowToFree(cover, this, view, site);
        if (shadow === undefined) return;
        own.free.call(this, shadow);
        endBlock(this, cover, Fate.FREED, site);
      },
  );
  replaceMethod(
    prototype,
    'promote',
    () =>
      function (this: Arena, block: Block, to?: Parameters<typeof promote>[1]) {
        const cover = coverOf(block);
        if (cover === undefined || !isOpen(this)) return own.promote.call(this, block, to as never);
        if (cover.book !== bookOf(this)) throw faults.wrongAllocator(cover.record, 'promote()');
        if (cover.record.fate !== Fate.LIVE) throw faults.usedAfter(cover.record, 'promote()');
        return promote(block, to);
      } as Arena['promote'],
  );
  replaceMethod(
    prototype,
    'owns',
    () =>
      function owns(this: Arena, view: ArrayBufferView): boolean {
        const cover = coverOf(view);
        if (cover === undefined) return own.owns.call(this, view);
        own.stats.call(this); // For a wrong receiver.
        return cover.book === bookOf(this) && isShown(cover);
      },
  );
  replaceMethod(
    prototype,
    'mark',
    () =>
      function mark(this: Arena): ArenaMark {
        const made = own.mark.call(this);
        if (hasBlocks(this)) marks.set(made, latestSerial());
        return made;
      },
  );
  replaceMethod(
    prototype,
    'rewind',
    () =>
      function rewind(this: Arena, mark: ArenaMark): void {
        if (!hasBlocks(this)) {
          own.rewind.call(this, mark);
          return;
        }
        const pinned = isPinned(this);
        own.rewind.call(this, mark);
        endBlocks(this, marks.get(mark) ?? 0, latestSerial(), pinned ? 'orphan' : undefined, siteOf(rewind));
      },
  );
  replaceMethod(
    prototype,
    'reset',
    () =>
      function reset(this: Arena, options?: Parameters<Arena['reset']>[0]): void {
        if (!hasBlocks(this)) {
          own.reset.call(this, options);
          return;
        }
        const pinned = isPinned(this);
        const read = copied(options);
        // Who hears of the reset may allocate before it returns.
        const until = latestSerial();
        own.reset.call(this, read);
        endBlocks(this, 0, until, pinned ? 'orphan' : read?.mode, siteOf(reset));
      },
  );
  replaceMethod(
    prototype,
    'dispose',
    () =>
      function dispose(this: Arena, options?: Parameters<Arena['dispose']>[0]): void {
        const pinned = isPinned(this);
        const read = copied(options);
        own.dispose.call(this, read);
        const book = bookOf(this);
        const mode = pinned ? 'orphan' : (read?.mode ?? resetModeOf(this));
        // In mode 'reuse' a dispose leaves views as they are.
        endBlocks(this, 0, latestSerial(), mode === 'detach' ? mode : 'orphan', siteOf(dispose));
        book?.ledger.retire('disposed');
      },
  );
  replaceMethod(
    ArenaPool.prototype,
    'give',
    (give) =>
      function (this: ArenaPool, arena: Arena, how, most): void {
        // Another arena goes on with its memory: what it has handed out ends here.
        try {
          const mode = how === 'broken' || isPinned(arena) ? 'orphan' : undefined;
          endBlocks(arena, 0, latestSerial(), mode, null);
        } catch (error) {
          // Nobody could catch it here: requests end inside of event listeners.
          process.nextTick(() => {
            throw error;
          });
        }
        give.call(this, arena, how, most);
      },
  );
}

function methodsOf({
  alloc,
  allocUnsafe,
  tryAlloc,
  realloc,
  free,
  promote,
  owns,
  mark,
  rewind,
  reset,
  dispose,
  stats,
}: Arena) {
  return { alloc, allocUnsafe, tryAlloc, realloc, free, promote, owns, mark, rewind, reset, dispose, stats };
}

/** Whether an arena takes requests. What is none, or was disposed, refuses by itself. */
function isOpen(arena: Arena): boolean {
  return arena instanceof Arena && !arena.disposed;
}

/** What an arena allocates meanwhile is its own business. */
function unrecorded<T>(run: () => T): T {
  const { countdown } = state;
  state.countdown = NEVER;
  try {
    return run();
  } finally {
    state.countdown = countdown;
  }
}

/** Options as a copy, so that what getters say is said once. What is no object is for the arena to refuse. */
function copied<T extends object>(options: T | undefined): T | undefined {
  return typeof options === 'object' && options !== null ? { ...options } : options;
}

/** Whether any block of an arena is recorded: of samples, hardly ever. */
function hasBlocks(arena: Arena): boolean {
  const book = bookOf(arena);
  return book !== undefined && book.newest !== null;
}

function isPinned(arena: Arena): boolean {
  return hasBlocks(arena) && arena.stats().pins > 0;
}

/** After the arena has taken a block back. Under a pin native code may still be at work on it. */
function endBlock(arena: Arena, cover: Cover, fate: Fate, site: Site | null): void {
  if (isShown(cover) && isPinned(arena)) orphan(cover, site, fate);
  else end(cover, fate, site);
  settle();
}

/** After the arena has ended its blocks: all that are newer than `since`, and no newer than `until`. */
function endBlocks(
  arena: Arena,
  since: number,
  until: number,
  mode: string | undefined,
  site: Site | null,
): void {
  const book = bookOf(arena);
  if (book === undefined) return;
  const orphans = (mode ?? resetModeOf(arena)) === 'orphan';
  forEachSince(book, since, until, (cover) => {
    if (orphans) orphan(cover, site);
    else end(cover, Fate.ENDED, site);
  });
  settle();
}
