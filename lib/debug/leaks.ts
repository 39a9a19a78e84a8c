import { isMainThread, threadId } from 'node:worker_threads';

import prettyBytes from 'pretty-bytes';

import { Ledger, totals } from './ledger.ts';
import { libraryLeaks } from './library-debug.ts';
import type { BlockRecord } from './record.ts';
import { inCycles } from './rc-cycles.ts';
import { type KnownSite, intern } from './sites.ts';

/** Live blocks that one place in the program has allocated from one kind of allocator. */
export interface LeakSite {
  /**
   * What they are: the kind of their allocator, or of what was made of it: `'string'`, `'owned'`; `'library'` for what a C library
   * has by `heap.callbacks()`, where the site is the one that asked for those.
   */
  readonly kind: string;
  /** The name of the allocator; of one of them, where there are several. */
  readonly allocator: string;
  /** How many they are. */
  readonly blocks: number;
  /** Their sizes, as they were asked for, in bytes. */
  readonly bytes: number;
  /** How long the oldest has lived, in ms. */
  readonly oldestMs: number;
  /** Whether their allocator is gone, and how. */
  readonly ended: 'no' | 'disposed' | 'dropped';
  /** How many of them are in a cycle that no handle leads into. */
  readonly inCycles: number;
  /** The stack, innermost frame first, one to a line. */
  readonly site: string;
}

/** The live blocks of this thread at a moment. Sizes are bytes. */
export interface LeakReport {
  /** As Zig's allocators say it. */
  readonly status: 'ok' | 'leak';
  /** The places that have allocated them, the most bytes first. */
  readonly sites: readonly LeakSite[];
  readonly blocks: number;
  readonly bytes: number;
  /** All that was ever recorded. */
  readonly totals: {
    readonly allocations: number;
    readonly bytes: number;
    readonly frees: number;
    /** The most that lived at a time. */
    readonly peakBytes: number;
    readonly allocators: number;
  };
  /** The report for people: a line for each site. */
  toString(): string;
}

interface Group {
  readonly site: KnownSite;
  readonly ledger: Ledger;
  blocks: number;
  bytes: number;
  oldest: number;
  inCycles: number;
}

/**
 * The blocks of this thread that live now, by the place that has allocated them: those of all allocators, unless some are named.
 * Empty when debug mode is off.
 *
 * @example
 * ```ts
 * import { Heap, configure, leaks } from 'freehold';
 * import assert from 'node:assert';
 *
 * configure({ debug: { onLeak: 'ignore' } });
 * const heap = new Heap();
 * heap.alloc(100);
 * heap.alloc(50);
 * const { status, bytes, sites } = leaks();
 * assert.equal(status, 'leak');
 * assert.equal(bytes, 150);
 * assert.equal(sites.length, 2); // two places
 * assert.match(sites[0].site, /at /);
 * ```
 */
export function leaks(): LeakReport {
  return reportOn(Ledger.inUse(), 0, libraryLeaks());
}

/**
 * What the blocks of some ledgers are. `since`: only those that were recorded after that many. `others`: what is known of blocks
 * that have no records.
 */
export function reportOn(
  ledgers: readonly Ledger[],
  since = 0,
  others: readonly LeakSite[] = [],
): LeakReport {
  const cyclic = inCycles(ledgers);
  const groups = new Map<string, Group>();
  let blocks = 0;
  let bytes = 0;
  for (const ledger of ledgers) {
    ledger.forEach((record) => {
      if (record.serial <= since) return;
      blocks++;
      bytes += record.bytes;
      add(groups, ledger, record, cyclic.has(record));
    });
  }
  const now = Date.now();
  const recorded = [...groups.values()].map((group) => described(group, now));
  const sites = [...recorded, ...others].sort((a, b) => b.bytes - a.bytes);
  for (const other of others) {
    blocks += other.blocks;
    bytes += other.bytes;
  }
  const { allocations, bytes: allocated, frees, peakBytes, allocators } = totals;
  return {
    status: blocks === 0 ? 'ok' : 'leak',
    sites,
    blocks,
    bytes,
    totals: { allocations, bytes: allocated, frees, peakBytes, allocators },
    toString(): string {
      return reportText(this, 'lines');
    },
  };
}

/** A report in words. */
export function reportText(
  { sites, blocks, bytes, totals: all }: LeakReport,
  style: 'lines' | 'stacks',
): string {
  const lines = sites.map((leak) => {
    const ended = leak.ended === 'no' ? '' : `, which was ${leak.ended}`;
    const cycles = leak.inCycles === 0 ? '' : `, ${leak.inCycles} in cycles that nothing holds`;
    const head = `${prettyBytes(leak.bytes)} in ${counted(leak.blocks, 'block')} (${leak.kind} "${leak.allocator}"${ended}${cycles}, oldest ${age(leak.oldestMs)})`;
    return style === 'stacks' ? `  ${head}\n${leak.site}` : `  ${head} at ${inOneLine(leak.site)}`;
  });
  const summary = `${counted(all.allocations, 'allocation')} of ${prettyBytes(all.bytes)} in ${counted(all.allocators, 'allocator')}, ${prettyBytes(all.peakBytes)} at most, ${prettyBytes(bytes)} in ${counted(blocks, 'block')} not freed`;
  return [`freehold${isMainThread ? '' : `, worker ${threadId}`}: ${summary}`, ...lines].join('\n');
}

function add(groups: Map<string, Group>, ledger: Ledger, record: BlockRecord, isCyclic: boolean): void {
  const site = (record.site = intern(record.site));
  const key = `${site.id} ${ledger.kind} ${ledger.ended}`;
  const group = groups.get(key);
  if (group === undefined) {
    groups.set(key, {
      site,
      ledger,
      blocks: 1,
      bytes: record.bytes,
      oldest: record.born,
      inCycles: +isCyclic,
    });
    return;
  }
  group.blocks++;
  group.bytes += record.bytes;
  group.inCycles += +isCyclic;
  if (record.born < group.oldest) group.oldest = record.born;
}

function described({ site, ledger, blocks, bytes, oldest, inCycles: cyclic }: Group, now: number): LeakSite {
  return {
    kind: site.kind ?? ledger.kind,
    allocator: ledger.name,
    blocks,
    bytes,
    oldestMs: now - oldest,
    ended: ledger.ended,
    inCycles: cyclic,
    site: site.toString(),
  };
}

function inOneLine(stack: string): string {
  return stack
    .split('\n')
    .map((line) => line.trim().replace(/^at /, ''))
    .join(' < ');
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}

function age(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
