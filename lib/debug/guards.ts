import { Guard, native } from '../native.ts';
import { type GuardedBlock, GuardedBlocks, type GuardedFigures } from './guarded-blocks.ts';
import type { Ledger } from './ledger.ts';
import type { Site } from './site.ts';
import { type KnownSite, NOWHERE, intern } from './sites.ts';
import { state } from './state.ts';

// Which blocks get guard pages, and of which stock: a bounded one for samples, so that production pays a fixed number of pages,
// and one for as many as the system allows.

let growing: GuardedBlocks | null = null;
let sampled: GuardedBlocks | null = null;

/** A block between guard pages, and the stock that it is from. */
export class GuardedRoom {
  constructor(
    readonly stock: GuardedBlocks,
    readonly block: GuardedBlock,
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

/** Guard pages for a block; null when there are none to be had, which is counted. */
export function takeGuarded(
  ledger: Ledger,
  byteLength: number,
  alignment: number,
  asked: Guard,
  site: Site | null,
): GuardedRoom | null {
  // A block of no bytes has canaries instead: whoever touches it is found when it is freed.
  if (byteLength === 0) return null;
  const isSample = asked === Guard.NONE && state.settings.guard === 'sampled';
  const stock = isSample ? samples() : all();
  // Like GWP-ASan: a coin decides on which side a sample is found out at once; on the other one it is when it is freed.
  const side = isSample ? Math.random() < 0.5 : state.settings.guardSide === 'rear';
  const rear = asked === Guard.NONE ? side : asked === Guard.REAR;
  const id = named(stock, site);
  const block = stock.take(byteLength, alignment, rear, id, ledger.label);
  return block === null ? null : new GuardedRoom(stock, block);
}

/** Ends a guarded block: how far from its beginning the first changed byte around it is; null for none. */
export function endGuarded({ stock, block }: GuardedRoom, site: Site | null): number | null {
  return stock.end(block, named(stock, site));
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
