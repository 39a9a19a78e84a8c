import { checkChoice, readOptions } from '../validate.ts';
import { Ledger } from './ledger.ts';
import { encodeHeapProfile } from './profile/heapprofile.ts';
import type { SiteProfile } from './profile/site-profile.ts';
import { type KnownSite, intern, knownSites } from './sites.ts';
import { state } from './state.ts';

/** What {@link heapProfile} writes. */
export interface HeapProfileOptions {
  /**
   * `'pprof'`: for `go tool pprof` and speedscope, gzipped, with live and total bytes and blocks. `'heapprofile'`: V8's format of
   * sampled heaps, which DevTools and speedscope open, as JSON. Default: `'pprof'`.
   */
  format?: 'pprof' | 'heapprofile';
  /** What `'heapprofile'`, which has room for one figure, shows: the bytes that live, or all that were ever allocated. Default: `'live'`. */
  count?: 'live' | 'total';
}

type Counts = { -readonly [K in keyof SiteProfile]: SiteProfile[K] };

/**
 * Where the memory of this thread comes from: for each place that has allocated, the bytes and blocks that live, and all that
 * there ever were. Those of debug mode's records: everything, or with `configure({ debug: { record: 'sampled' } })` an estimate from
 * samples. Of all that ever was only with `profile: true`, or of samples; else it is what lives. Empty when debug mode is off.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that are not known.
 *
 * @example
 * ```ts
 * import { Heap, configure, heapProfile } from 'freehold';
 * import assert from 'node:assert';
 *
 * configure({ debug: { profile: true, onLeak: 'ignore' } });
 * const heap = new Heap();
 * heap.alloc(1000);
 * const profile = await heapProfile({ format: 'heapprofile' });
 * assert.match(profile.toString(), /"selfSize":1000/);
 * ```
 */
export async function heapProfile(options?: HeapProfileOptions): Promise<Buffer> {
  const { format = 'pprof', count = 'live' } = readOptions(options, ['format', 'count'], 'heapProfile');
  checkChoice(format, ['pprof', 'heapprofile'], 'format');
  checkChoice(count, ['live', 'total'], 'count');
  const sites = siteProfiles();
  if (format === 'heapprofile') return Buffer.from(encodeHeapProfile(sites, { count }));
  // Only now: whoever takes no profile does not load it.
  const { encodePprof } = await import('./profile/pprof.ts');
  const bytes = encodePprof(sites, { timeNanos: BigInt(Date.now()) * 1_000_000n, periodBytes: 1 });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What each place has allocated, by the kind of allocator. */
function siteProfiles(): SiteProfile[] {
  const found = new Map<string, Counts>();
  // A sample stands for as many blocks as were not looked at.
  const weight = state.interval > 1 ? state.interval : 1;
  const of = (site: KnownSite, kind: string): Counts => {
    const key = `${site.id} ${kind}`;
    let counts = found.get(key);
    if (counts === undefined) {
      const { frames } = site;
      counts = {
        frames,
        kind: site.kind ?? kind,
        liveBytes: 0,
        liveBlocks: 0,
        totalBytes: 0,
        totalBlocks: 0,
      };
      found.set(key, counts);
    }
    return counts;
  };
  for (const ledger of Ledger.inUse()) {
    ledger.forEach((record) => {
      const counts = of((record.site = intern(record.site)), ledger.kind);
      counts.liveBlocks += weight;
      counts.liveBytes += record.bytes * weight;
    });
  }
  for (const site of knownSites()) {
    for (const [kind, { blocks, bytes }] of site.allocated) {
      const counts = of(site, kind);
      counts.totalBlocks = blocks * weight;
      counts.totalBytes = bytes * weight;
    }
  }
  // Blocks from before totals were counted lived all the same.
  for (const counts of found.values()) {
    counts.totalBlocks = Math.max(counts.totalBlocks, counts.liveBlocks);
    counts.totalBytes = Math.max(counts.totalBytes, counts.liveBytes);
  }
  return [...found.values()];
}
