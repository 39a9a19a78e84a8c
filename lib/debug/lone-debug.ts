import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import { FreeholdError } from '../errors.ts';
import { Heap } from '../heap.ts';
import { ALONE, type AllocOptions } from '../heap-options.ts';
import { type Lender, type Lent, setLender } from '../lone-blocks.ts';
import type { Guard } from '../native.ts';
import { PageAllocator } from '../page-allocator.ts';
import { Cover, bookOf, coverOf, end, labelOf, lay, openBook } from './cover.ts';
import * as faults from './faults.ts';
import { hasSampleSlot } from './guards.ts';
import { makeUndefined } from './memory.ts';
import { raise, settle } from './raise.ts';
import { type BlockRecord, Fate } from './record.ts';
import { replaceMethod } from './replace-method.ts';
import { noRoom, withinLimit } from './shadowed.ts';
import type { Site } from './site.ts';
import { countOn, recordsAll, siteOf, state } from './state.ts';
import { leftIn, tell } from './tell.ts';

// Allocators whose blocks stand alone, as all of them can: heaps and page allocators here, reference-counted heaps in rc-debug.ts.
// They go on as always; but the memory is lent by debug mode.

/** What the program is doing: where a block that is made now was asked for, and where one that ends now was freed. */
interface Doing {
  /** Whether the next block is recorded. */
  records: boolean;
  site: Site | null;
  fate: Fate;
  /** Whether `memoryLimit` has refused a block. */
  isLimited: boolean;
}

const IDLE: Doing = { records: false, site: null, fate: Fate.FREED, isLimited: false };
let doing = IDLE;

/** Says what the program does from now on. The result is what it did before, to go back to. */
export function begin(records: boolean, site: Site | null, fate: Fate): Doing {
  const before = doing;
  doing = { records, site, fate, isLimited: false };
  return before;
}

/** Goes back to what the program did before. */
export function finish(before: Doing): void {
  doing = before;
}

const lender: Lender = {
  lend(allocator: Allocator, size: number, alignment: number, guard: Guard): Lent | null | undefined {
    if (!doing.records && !recordsAll()) return undefined;
    countOn();
    if (!hasSampleSlot()) return undefined;
    if (withinLimit(size)) return lay(openBook(allocator, allocator), size, alignment, doing.site, guard);
    doing.isLimited = true;
    return null;
  },
  takeBack(lent: Lent): boolean {
    return lent instanceof Cover && end(lent, doing.fate, doing.site);
  },
};

/** Makes heaps and page allocators record their blocks. */
export function watchLoneBlocks(): void {
  setLender(lender);
  watch(Heap.prototype, true);
  watch(PageAllocator.prototype, false);
}

/** What heaps and page allocators have in common. */
interface Watched extends Allocator {
  alloc(byteLength: number, how?: number | AllocOptions): Block;
  allocUnsafe(byteLength: number, how?: number | AllocOptions): Block;
  tryAlloc(byteLength: number, how?: number | AllocOptions): Block | null;
  dispose(): void;
}

function watch(target: Watched, isolates: boolean): void {
  const asked = (how: number | AllocOptions | undefined) => (isolates ? isolated(how, ALONE) : how);

  replaceMethod(
    target,
    'alloc',
    (own) =>
      function alloc(this: Watched, byteLength: number, how?: number | AllocOptions): Block {
        if (--state.countdown > 0) return own.call(this, byteLength, how);
        const before = begin(true, siteOf(alloc), Fate.FREED);
        try {
          return shown(own.call(this, byteLength, asked(how)), true);
        } catch (error) {
          throw refusal(error, byteLength);
        } finally {
          finish(before);
        }
      },
  );
  replaceMethod(
    target,
    'allocUnsafe',
    (own) =>
      function allocUnsafe(this: Watched, byteLength: number, how?: number | AllocOptions): Block {
        if (--state.countdown > 0) return own.call(this, byteLength, how);
        const before = begin(true, siteOf(allocUnsafe), Fate.FREED);
        try {
          return shown(own.call(this, byteLength, asked(how)), false);
        } catch (error) {
          throw refusal(error, byteLength);
        } finally {
          finish(before);
        }
      },
  );
  replaceMethod(
    target,
    'tryAlloc',
    (own) =>
      function tryAlloc(this: Watched, byteLength: number, how?: number | AllocOptions): Block | null {
        if (--state.countdown > 0) return own.call(this, byteLength, how);
        const before = begin(true, siteOf(tryAlloc), Fate.FREED);
        try {
          const block = own.call(this, byteLength, asked(how));
          return block === null ? null : shown(block, true);
        } finally {
          finish(before);
        }
      },
  );
  replaceMethod(
    target,
    'realloc',
    (own) =>
      function realloc(this: Watched, block: Block, byteLength: number): Block {
        const cover = coverOf(block);
        if (cover === undefined && !recordsAll()) return own.call(this, block, byteLength);
        const site = siteOf(realloc);
        const before = begin(true, site, Fate.MOVED);
        try {
          const moved = shown(own.call(this, block, byteLength), true);
          settle();
          return moved;
        } catch (error) {
          const refused = refusal(error, byteLength);
          if (cover === undefined) throw refused;
          explain(refused, cover, this, site);
          return block;
        } finally {
          finish(before);
        }
      },
  );
  replaceMethod(
    target,
    'free',
    (own) =>
      function free(this: Watched, view: ArrayBufferView): void {
        const cover = coverOf(view);
        if (cover === undefined) {
          own.call(this, view);
          return;
        }
        const site = siteOf(free);
        const before = begin(false, site, Fate.FREED);
        try {
          own.call(this, view);
        } catch (error) {
          explain(error, cover, this, site);
        } finally {
          finish(before);
        }
        settle();
      },
  );
  replaceMethod(
    target,
    'dispose',
    (own) =>
      function dispose(this: Watched): void {
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

/** The request for a block that stands alone. What is no option at all is for the allocator to refuse. */
export function isolated<T extends object>(how: number | T | undefined, alone: T): number | T | undefined {
  if (how === undefined) return alone;
  if (typeof how === 'number') return { alignment: how, isolate: true } as unknown as T;
  return typeof how === 'object' && (how as T | null) !== null ? { ...how, isolate: true } : how;
}

/** A new block, as the program gets it. */
function shown(block: Block, zeroed: boolean): Block {
  const cover = coverOf(block);
  if (cover === undefined) return block;
  cover.block = block;
  if (!zeroed && state.settings.poison) makeUndefined(block);
  return block;
}

/** What an allocator that got no memory throws: that there was a limit, it cannot know. */
export function refusal(error: unknown, byteLength: number): unknown {
  const { code } = error as FreeholdError;
  return doing.isLimited && code === 'ERR_FREEHOLD_OUT_OF_MEMORY' ? noRoom(byteLength) : error;
}

/** What is wrong with a block that an allocator refuses. */
const FAULTS: ReadonlySet<string> = new Set([
  'ERR_FREEHOLD_DOUBLE_FREE',
  'ERR_FREEHOLD_INVALID_FREE',
  'ERR_FREEHOLD_USE_AFTER_FREE',
]);

/** Raises the fault that an allocator has thrown, with the history of the block. What is none is thrown. */
export function explain(error: unknown, cover: Cover, allocator: Allocator, site: Site | null): void {
  if (!(error instanceof FreeholdError) || error instanceof faults.FaultError) throw error;
  const { record } = cover;
  if (!FAULTS.has(error.code)) throw error;
  if (cover.book !== bookOf(allocator)) raise(faults.wrongAllocator(record, labelOf(allocator)));
  else raise(faultOf(error, record, site));
}

function faultOf(error: FreeholdError, record: BlockRecord, site: Site | null): FreeholdError {
  if (error.code === 'ERR_FREEHOLD_DOUBLE_FREE') return faults.freedTwice(record, site);
  return faults.told(error, record);
}
