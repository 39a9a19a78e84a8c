import { max } from '../captured.ts';
import { BlockRecord, Fate } from './record.ts';
import type { Site } from './site.ts';
import { KnownSite, intern } from './sites.ts';
import { state } from './state.ts';

/** What all ledgers of this thread hold together. Sizes are bytes. */
export interface Totals {
  allocations: number;
  bytes: number;
  frees: number;
  liveBlocks: number;
  liveBytes: number;
  peakBytes: number;
  /** Allocators that were recorded. */
  allocators: number;
}

export const totals: Totals = {
  allocations: 0,
  bytes: 0,
  frees: 0,
  liveBlocks: 0,
  liveBytes: 0,
  peakBytes: 0,
  allocators: 0,
};

/** How old a live block gets, in allocations, before its stack is looked into: nearly all blocks die younger. */
const YOUNG = 4096;
const young = new Array<BlockRecord | undefined>(YOUNG).fill(undefined);
let serials = 0;

/** The ledgers that have live blocks, or whose allocator may still make some. */
const ledgers = new Set<Ledger>();

/** The live blocks of one allocator. It does not keep the allocator alive. */
export class Ledger {
  readonly kind: string;
  readonly name: string;
  /** How its allocator ended, while blocks of it were alive. */
  ended: 'no' | 'disposed' | 'dropped' = 'no';
  blocks = 0;
  bytes = 0;
  #first: BlockRecord | null = null;

  constructor(kind: string, name: string) {
    this.kind = kind;
    this.name = name;
    ledgers.add(this);
    totals.allocators++;
  }

  /** How messages call the allocator: `heap "default"`. */
  get label(): string {
    return `${this.kind} "${this.name}"`;
  }

  /** A block that lives from now on. */
  open(bytes: number, site: Site | null): BlockRecord {
    const record = new BlockRecord(this, bytes, site, ++serials, Date.now());
    if (state.countsTotals) {
      const known = (record.site = intern(site));
      known.count(this.kind, bytes);
    }
    const place = serials & (YOUNG - 1);
    lookInto(young[place]);
    young[place] = record;
    const first = this.#first;
    record.next = first;
    if (first !== null) first.previous = record;
    this.#first = record;
    this.blocks++;
    this.bytes += bytes;
    totals.allocations++;
    totals.bytes += bytes;
    totals.liveBlocks++;
    totals.liveBytes += bytes;
    totals.peakBytes = max(totals.peakBytes, totals.liveBytes);
    return record;
  }

  /** The block's life is over. */
  close(record: BlockRecord, fate: Fate, site: Site | null): void {
    if (record.fate !== Fate.LIVE) return;
    record.fate = fate;
    record.end = site;
    const { previous, next } = record;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next !== null) next.previous = previous;
    record.previous = record.next = null;
    this.blocks--;
    this.bytes -= record.bytes;
    totals.frees++;
    totals.liveBlocks--;
    totals.liveBytes -= record.bytes;
    if (this.ended !== 'no' && this.blocks === 0) ledgers.delete(this);
  }

  /** All its blocks have ended. */
  closeAll(fate: Fate): void {
    while (this.#first !== null) this.close(this.#first, fate, null);
  }

  /** Its allocator makes no more blocks. */
  retire(how: 'disposed' | 'dropped'): void {
    if (this.ended === 'no') this.ended = how;
    if (this.blocks === 0) ledgers.delete(this);
  }

  /** Calls back with each live block, the newest first. */
  forEach(visit: (record: BlockRecord) => void): void {
    for (let record = this.#first; record !== null; record = record.next) visit(record);
  }

  /** The ledgers with live blocks. */
  static inUse(): Ledger[] {
    return [...ledgers].filter((ledger) => ledger.blocks > 0);
  }
}

/** A block that has outlived many others: many more may be of the same place. */
function lookInto(older: BlockRecord | undefined): void {
  if (older?.fate !== Fate.LIVE || older.site instanceof KnownSite) return;
  try {
    older.site = intern(older.site);
  } catch {
    // The end of the stack: its turn comes when somebody asks.
  }
}

/** The serial number of the block that was recorded last. */
export function latestSerial(): number {
  return serials;
}
