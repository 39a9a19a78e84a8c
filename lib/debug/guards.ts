import { Guard, native } from '../native.ts';
import { type GuardedBlock, GuardedBlocks, type GuardedFigures } from './guarded-blocks.ts';
import type { Ledger } from './ledger.ts';
import type { Site } from './site.ts';
import { type KnownSite, NOWHERE, intern } from './sites.ts';
import { countOn, state } from './state.ts';

// Which blocks get guard pages, and of which stock: a bounded one for samples, so that production pays a fixed number of pages,
// and one for as many as the system allows.

/** The smallest page of any system. */
const PAGE = 4096;

let growing: GuardedBlocks | null = null;
let sampled: GuardedBlocks | null = null;

/** A block between guard pages, and the stock that it is from. */
export class GuardedRoom {
  constructor(
    readonly stock: GuardedBlocks,
    readonly block: GuardedBlock,
    /** Where in its buffer the program's block is. */
    readonly offset: number,
  ) {}
}

/** Whether a request is one for guard pages: because all are, because it is a sample, or because its allocator promises them. */
export function wantsGuard(asked: Guard): boolean {
  return asked !== Guard.NONE || state.settings.guard !== 'none';
}

/** Whether a sample can be taken now. */
export function hasSampleSlot(): boolean {
  return state.settings.guard !== 'sampled' || (!native.usesEngineMemory() && !samples().full);
}

/**
 * Whether an allocation whose turn it is is not recorded all the same: debug mode is off, or there are no guard pages for a sample. The
 * stack is not even looked at then.
 */
export function isLeftOut(byteLength?: unknown): boolean {
  const isSample = state.settings.guard === 'sampled';
  const isWanted = state.interval !== 0 && !(isSample && (isLarge(byteLength) || !hasSampleSlot()));
  if (!isWanted) countOn();
  return !isWanted;
}

function isLarge(byteLength: unknown): boolean {
  return typeof byteLength === 'number' && byteLength > PAGE;
}

/** Guard pages for a block; null when there are none to be had, which is counted. */
export function takeGuarded(
  ledger: Ledger,
  byteLength: number,
  alignment: number,
  asked: Guard,
  site: Site | null,
): GuardedRoom | null {
  if (byteLength === 0) return takeEdge(ledger, alignment, asked, site);
  const stock = stockFor(asked);
  // Like GWP-ASan: a coin decides on which side a sample is found out at once; on the other one it is when it is freed.
  const side = stock === sampled ? Math.random() < 0.5 : state.settings.guardSide === 'rear';
  const rear = asked === Guard.NONE ? side : asked === Guard.REAR;
  const id = named(stock, site);
  const block = stock.take(byteLength, alignment, rear, id, ledger.label);
  return block === null ? null : new GuardedRoom(stock, block, 0);
}

/**
 * A block of no bytes, whose address is that of the inaccessible page. Its buffer has one byte, in front of that: one without any
 * could not be told from one that was transferred.
 */
function takeEdge(ledger: Ledger, alignment: number, asked: Guard, site: Site | null): GuardedRoom | null {
  if (alignment > PAGE) return null;
  const stock = stockFor(asked);
  const block = stock.take(1, 1, true, named(stock, site), ledger.label);
  return block === null ? null : new GuardedRoom(stock, block, 1);
}

/** Ends a guarded block: how far from its beginning the first changed byte around it is; null for none. */
export function endGuarded({ stock, block, offset }: GuardedRoom, site: Site | null): number | null {
  const distance = stock.end(block, named(stock, site));
  return distance === null ? null : distance - offset;
}

/** Leaves a guarded block to the collector. */
export function abandonGuarded({ stock, block }: GuardedRoom): void {
  stock.abandon(block);
}

/** Figures of all guarded blocks. */
export function guardedFigures(): GuardedFigures {
  const sum = { live: 0, quarantined: 0, refused: 0, bytesMapped: 0, bytesReserved: 0 };
  for (const stock of [growing, sampled]) {
    if (stock === null) continue;
    const figures = stock.figures();
    for (const key of Object.keys(sum) as (keyof GuardedFigures)[]) sum[key] += figures[key];
  }
  return sum;
}

function stockFor(asked: Guard): GuardedBlocks {
  return asked === Guard.NONE && state.settings.guard === 'sampled' ? samples() : all();
}

function all(): GuardedBlocks {
  return (growing ??= new GuardedBlocks({ quarantineBytes: state.settings.quarantineBytes }));
}

function samples(): GuardedBlocks {
  const { sampleSlots, quarantineBytes } = state.settings;
  return (sampled ??= new GuardedBlocks({ slots: sampleSlots, quarantineBytes }));
}

/** The number of a site, whose stack is in words before anything can go wrong: a report cannot ask for it. */
function named(stock: GuardedBlocks, site: Site | null): number {
  const known: KnownSite = intern(site);
  if (known !== NOWHERE && !known.isNamedIn(stock)) stock.nameSite(known.id, known.toString());
  return known.id;
}
