import type { Allocator } from '../allocator.ts';
import type { Boundary } from '../call-stack.ts';
import type { FreeholdError } from '../errors.ts';
import { type Lender, type Lent, setLender } from '../lone-blocks.ts';
import type { Guard } from '../native.ts';
import { Cover, end, lay, openBook } from './cover.ts';
import { hasSampleSlot } from './guards.ts';
import { Fate } from './record.ts';
import { noRoom, withinLimit } from './shadowed.ts';
import type { Site } from './site.ts';
import { countOn, needStack, recordsAll, siteOf } from './state.ts';

// Allocators whose blocks stand alone, as all of them can, go on as always in debug mode; but their memory is lent by it. What the
// program is doing meanwhile, the lender reads here.

/** Where blocks that begin or end now do so, and how. */
interface Doing {
  /** Whether a new block is recorded. */
  readonly records: boolean;
  /** The method that the program has called; null for none. */
  readonly boundary: Boundary | null;
  readonly fate: Fate;
  site: Site | null;
  /** Whether `memoryLimit` has refused a block. */
  isLimited: boolean;
}

let doing: Doing = { records: false, boundary: null, fate: Fate.FREED, site: null, isLimited: false };

const lender: Lender = {
  lend(allocator: Allocator, size: number, alignment: number, guard: Guard): Lent | null | undefined {
    if (!doing.records && !recordsAll()) return undefined;
    countOn();
    if (!hasSampleSlot()) return undefined;
    if (withinLimit(size)) return lay(openBook(allocator, allocator), size, alignment, siteNow(), guard);
    doing.isLimited = true;
    return null;
  },
  takeBack(lent: Lent): boolean {
    return lent instanceof Cover && end(lent, doing.fate, siteNow());
  },
};

/** Lends memory to the blocks that stand alone. */
export function lend(): void {
  setLender(lender);
}

/** Where the program is: looked up when a block begins or ends, which most calls of `release` do to none. */
function siteNow(): Site | null {
  const { boundary } = doing;
  return boundary === null ? null : (doing.site ??= siteOf(boundary, true));
}

/** Does what the program asks for at `boundary`. New blocks are recorded; one that `realloc` moves has ended so. */
export function asking<T>(boundary: Boundary, byteLength: number, ask: () => T, fate = Fate.FREED): T {
  // At once when it is needed for certain: from deeper calls, which V8 then has to walk over, it costs half as much again.
  const certainly = recordsAll();
  const site = certainly ? siteOf(boundary) : null;
  if (!certainly) needStack();
  const before = doing;
  doing = { records: true, boundary, fate, site, isLimited: false };
  try {
    return ask();
  } catch (error) {
    throw refusal(error, byteLength);
  } finally {
    doing = before;
  }
}

/** Does what ends blocks at `boundary`; with `certainly`, at least one. */
export function ending(boundary: Boundary, fate: Fate, certainly: boolean, finish: () => void): void {
  const site = certainly ? siteOf(boundary) : null;
  if (!certainly) needStack();
  const before = doing;
  doing = { records: false, boundary, fate, site, isLimited: false };
  try {
    finish();
  } finally {
    doing = before;
  }
}

/** The request for a block that stands alone. What is no option at all is for the allocator to refuse. */
export function isolated<T extends object>(how: number | T | undefined, alone: T): number | T | undefined {
  if (how === undefined) return alone;
  if (typeof how === 'number') return { alignment: how, isolate: true } as unknown as T;
  return typeof how === 'object' && (how as T | null) !== null ? { ...how, isolate: true } : how;
}

/** What an allocator that got no memory throws: that there was a limit, it cannot know. */
function refusal(error: unknown, byteLength: number): unknown {
  const { code } = error as FreeholdError;
  return doing.isLimited && code === 'ERR_FREEHOLD_OUT_OF_MEMORY' ? noRoom(byteLength) : error;
}
