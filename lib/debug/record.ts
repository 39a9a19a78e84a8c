import type { Ledger } from './ledger.ts';
import type { Site } from './site.ts';
import type { KnownSite } from './sites.ts';

/** What became of a block. */
export const enum Fate {
  LIVE,
  FREED,
  /** By `realloc`, which gave another block. */
  MOVED,
  /** Its allocator was reset, rewound or disposed. */
  ENDED,
  /** Its memory was left to the collector. */
  ORPHANED,
  /** The program has transferred its buffer. */
  TRANSFERRED,
}

/**
 * What debug mode knows of one block. It leads to no memory and no allocator, so that who lists live blocks keeps nothing
 * alive.
 */
export class BlockRecord {
  fate = Fate.LIVE;
  /** Where it ended. */
  end: Site | KnownSite | null = null;
  // The live blocks of a ledger are a list: a set costs twice as much.
  previous: BlockRecord | null = null;
  next: BlockRecord | null = null;

  constructor(
    readonly ledger: Ledger,
    readonly bytes: number,
    public site: Site | KnownSite | null,
    /** Counts on with each block of the thread. */
    readonly serial: number,
    /** When, in ms since the epoch. */
    readonly born: number,
  ) {}
}
