/* eslint-disable @typescript-eslint/unbound-method -- methods are taken off, and called with a receiver */
import type { Block } from '../block.ts';
import { RcHeap } from '../rc-heap.ts';
import { ALONE, type RcAllocOptions } from '../rc-options.ts';
import { Rc, tallyOf } from '../rc.ts';
import { bookOf, coverOf } from './cover.ts';
import { begin, explain, finish, isolated, refusal } from './lone-debug.ts';
import { makeUndefined } from './memory.ts';
import { settle } from './raise.ts';
import { Fate } from './record.ts';
import { replaceMethod } from './replace-method.ts';
import { siteOf, state } from './state.ts';
import { leftIn, tell } from './tell.ts';

// Reference-counted heaps in debug mode: each block stands alone, so that it ends for everybody when it dies. Nothing here holds an
// `Rc`: what a program drops is released as always.

/** Makes reference-counted heaps record their blocks. */
export function watchRcHeaps(): void {
  watchBirths();
  watchDeaths();
}

type Allocate = (this: RcHeap, byteLength: number, how?: number | RcAllocOptions) => Rc;

function watchBirths(): void {
  const { prototype } = RcHeap;
  const { alloc: allocate } = prototype;
  const { release } = Rc.prototype;

  replaceMethod(
    prototype,
    'alloc',
    (own) =>
      function alloc(this: RcHeap, byteLength: number, how?: number | RcAllocOptions): Rc {
        if (--state.countdown > 0) return own.call(this, byteLength, how);
        return born(this, own, byteLength, how, alloc);
      },
  );
  replaceMethod(
    prototype,
    'allocUnsafe',
    (own) =>
      function allocUnsafe(this: RcHeap, byteLength: number, how?: number | RcAllocOptions): Rc {
        if (--state.countdown > 0) return own.call(this, byteLength, how);
        const rc = born(this, own, byteLength, how, allocUnsafe);
        if (state.settings.poison) makeUndefined(rc);
        return rc;
      },
  );
  replaceMethod(
    prototype,
    'tryAlloc',
    (own) =>
      function tryAlloc(this: RcHeap, byteLength: number, how?: number | RcAllocOptions): Rc | null {
        if (--state.countdown > 0) return own.call(this, byteLength, how);
        return born(this, own as Allocate, byteLength, how, tryAlloc);
      },
  );
  replaceMethod(
    prototype,
    'allocHandle',
    (own) =>
      function allocHandle(this: RcHeap, byteLength: number, refs = 0): number {
        if (--state.countdown > 0) return own.call(this, byteLength, refs);
        const rc = born(this, allocate, byteLength, { refs }, allocHandle);
        const { handle } = rc;
        this.retain(handle);
        release.call(rc);
        return handle;
      },
  );
  replaceMethod(
    prototype,
    'realloc',
    (own) =>
      function realloc(this: RcHeap, block: Block, byteLength: number): Rc {
        const cover = coverOf(block);
        const site = siteOf(realloc);
        const before = begin(true, site, Fate.MOVED);
        try {
          return watched(own.call(this, block, byteLength));
        } catch (error) {
          const refused = refusal(error, byteLength);
          if (cover === undefined) throw refused;
          explain(refused, cover, this, site);
          throw refused;
        } finally {
          finish(before);
          settle();
        }
      },
  );
}

function born(
  heap: RcHeap,
  allocate: Allocate,
  byteLength: number,
  how: number | RcAllocOptions | undefined,
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- where stacks begin
  boundary: Function,
): Rc {
  const before = begin(true, siteOf(boundary), Fate.FREED);
  try {
    return watched(allocate.call(heap, byteLength, isolated<RcAllocOptions>(how, ALONE)));
  } catch (error) {
    throw refusal(error, byteLength);
  } finally {
    finish(before);
  }
}

/** Remembers what the program has of a new block, without holding it: what is dropped is released as always. */
function watched(rc: Rc): Rc {
  const cover = (rc as Rc | null) === null ? undefined : coverOf(rc);
  if (cover !== undefined) cover.dropped = new WeakRef(rc);
  return rc;
}

function watchDeaths(): void {
  const { prototype } = RcHeap;

  replaceMethod(
    Rc.prototype,
    'release',
    (own) =>
      function release(this: Rc): void {
        const heap = tallyOf(this)?.heap;
        const site = heap === undefined || survives(heap, tallyOf(this)?.index ?? 0) ? null : siteOf(release);
        const before = begin(false, site, Fate.FREED);
        try {
          own.call(this);
        } catch (error) {
          const cover = coverOf(this);
          if (cover === undefined || heap === undefined) throw error;
          explain(error, cover, heap, site);
        } finally {
          finish(before);
        }
        settle();
      },
  );
  replaceMethod(
    prototype,
    'release',
    (own) =>
      function release(this: RcHeap, handle: number): void {
        // Not when it was called by an `Rc`, which has said where.
        const inner = begin(false, survives(this, handle) ? null : siteOf(release), Fate.FREED);
        try {
          own.call(this, handle);
        } finally {
          finish(inner);
        }
        settle();
      },
  );
  replaceMethod(
    prototype,
    'free',
    (own) =>
      function free(this: RcHeap, view: ArrayBufferView): void {
        const cover = coverOf(view);
        const site = siteOf(free);
        const before = begin(false, site, Fate.FREED);
        try {
          own.call(this, view);
        } catch (error) {
          if (cover === undefined) throw error;
          explain(error, cover, this, site);
        } finally {
          finish(before);
        }
        settle();
      },
  );
  replaceMethod(
    prototype,
    'dispose',
    (own) =>
      function dispose(this: RcHeap): void {
        const left = leftIn(bookOf(this));
        const before = begin(false, siteOf(dispose), Fate.ENDED);
        try {
          own.call(this);
        } finally {
          finish(before);
        }
        bookOf(this)?.ledger.retire('disposed');
        if (left !== null) tell(left);
        settle();
      },
  );
}

/** Whether a block lives on when one handle of it is given up. What is no block is for the heap to refuse. */
function survives(heap: RcHeap, handle: number): boolean {
  return heap instanceof RcHeap && !heap.disposed && heap.isLive(handle) && heap.refCount(handle) > 1;
}
