/* eslint-disable @typescript-eslint/unbound-method -- methods are taken off, and called with a receiver */
import type { Block } from '../block.ts';
import type { Boundary } from '../call-stack.ts';
import { RcHeap } from '../rc-heap.ts';
import { ALONE, type RcAllocOptions } from '../rc-options.ts';
import { Rc, tallyOf } from '../rc.ts';
import { coverOf } from './cover.ts';
import { asking, ending, isolated } from './doing.ts';
import { explain, watchEnds } from './ends.ts';
import { isLeftOut } from './guards.ts';
import { makeUndefined } from './memory.ts';
import { settle } from './raise.ts';
import { Fate } from './record.ts';
import { replaceMethod } from './replace-method.ts';
import { recordsAll, state } from './state.ts';

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
        if (--state.countdown > 0 || isLeftOut()) return own.call(this, byteLength, how);
        return born(this, own, byteLength, how, alloc);
      },
  );
  replaceMethod(
    prototype,
    'allocUnsafe',
    (own) =>
      function allocUnsafe(this: RcHeap, byteLength: number, how?: number | RcAllocOptions): Rc {
        if (--state.countdown > 0 || isLeftOut()) return own.call(this, byteLength, how);
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
        if (--state.countdown > 0 || isLeftOut()) return own.call(this, byteLength, how);
        return born(this, own as Allocate, byteLength, how, tryAlloc);
      },
  );
  replaceMethod(
    prototype,
    'allocHandle',
    (own) =>
      function allocHandle(this: RcHeap, byteLength: number, refs = 0): number {
        if (--state.countdown > 0 || isLeftOut()) return own.call(this, byteLength, refs);
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
        const move = () => watched(own.call(this, block, byteLength));
        try {
          return asking(realloc, byteLength, move, Fate.MOVED);
        } catch (error) {
          explain(error, coverOf(block), this, realloc);
          throw error;
        } finally {
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
  boundary: Boundary,
): Rc {
  const alone = isolated<RcAllocOptions>(how, ALONE);
  return asking(boundary, byteLength, () => watched(allocate.call(heap, byteLength, alone)));
}

/** Remembers what the program has of a new block, without holding it: what is dropped is released as always. */
function watched(rc: Rc): Rc {
  const cover = (rc as Rc | null) === null ? undefined : coverOf(rc);
  if (cover !== undefined) cover.dropped = new WeakRef(rc);
  return rc;
}

function watchDeaths(): void {
  replaceMethod(
    Rc.prototype,
    'release',
    (own) =>
      function release(this: Rc): void {
        const cover = coverOf(this);
        const heap = tallyOf(this)?.heap;
        if (heap === undefined || (cover === undefined && !recordsAll())) {
          own.call(this);
          return;
        }
        try {
          ending(release, Fate.FREED, false, () => {
            own.call(this);
          });
        } catch (error) {
          explain(error, cover, heap, release);
        }
        settle();
      },
  );
  replaceMethod(
    RcHeap.prototype,
    'release',
    (own) =>
      function release(this: RcHeap, handle: number): void {
        // A sample of blocks is too few to look for theirs at each handle that is given up.
        if (!recordsAll()) {
          own.call(this, handle);
          return;
        }
        ending(release, Fate.FREED, false, () => {
          own.call(this, handle);
        });
        settle();
      },
  );
  watchEnds(RcHeap.prototype);
}
