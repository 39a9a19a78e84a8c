import { win32 } from 'node:path';
import { gzipSync } from 'node:zlib';

import { type FunctionInput, type LocationInput, Profile, type SampleInput, StringTable } from 'pprof-format';

import { framesOf, pathOf } from './places.ts';
import type { ProfileFrame, SiteProfile } from './site-profile.ts';

// Whoever imports this file loads pprof-format with it: import it when a profile is asked for, not with the package.

/** What the four values of a sample are, as in Go's own heap profiles: readers that know of no default show the last. */
const SAMPLE_TYPES = [
  ['alloc_objects', 'count'],
  ['alloc_space', 'bytes'],
  ['inuse_objects', 'count'],
  ['inuse_space', 'bytes'],
] as const;

/** Shown unless the reader asks for another. */
const DEFAULT_SAMPLE_TYPE = 'inuse_space';

/** What {@link encodePprof} cannot see from the sites. */
export interface PprofOptions {
  /** When the profile was taken, in nanoseconds since 1970. */
  readonly timeNanos: bigint;
  /** How many bytes were allocated for each allocation that was recorded, on average; 1 where all were. */
  readonly periodBytes: number;
}

/**
 * A heap profile in the format of pprof (a gzipped `perftools.profiles.Profile`), for `go tool pprof`, speedscope and others.
 *
 * Blocks and bytes, live and in total; each sample has the label `kind`. Functions without a name are called
 * `(anonymous file.js:line:column)`, because pprof adds up what has the same name. The caller owns the result.
 *
 * @example
 * ```ts
 * import { gunzipSync } from 'node:zlib';
 * import { encodePprof } from './dist/debug/profile/pprof.js';
 *
 * const frames = [{ functionName: 'readPacket', url: 'file:///app/net.js', line: 12, column: 30 }];
 * const site = { frames, kind: 'arena', liveBytes: 4096, liveBlocks: 1, totalBytes: 12288, totalBlocks: 3 };
 * const timeNanos = BigInt(Date.now()) * 1_000_000n;
 * const file = encodePprof([site], { timeNanos, periodBytes: 1 }); // For fs.writeFile('heap.pb.gz', …).
 * console.log(gunzipSync(file).includes('readPacket')); // true
 * ```
 */
export function encodePprof(sites: readonly SiteProfile[], options: PprofOptions): Uint8Array {
  const tables = new Tables();
  const { strings } = tables;
  const valueType = ([type, unit]: readonly [string, string]) => ({
    type: strings.dedup(type),
    unit: strings.dedup(unit),
  });
  const profile = new Profile({
    sampleType: SAMPLE_TYPES.map(valueType),
    defaultSampleType: strings.dedup(DEFAULT_SAMPLE_TYPE),
    sample: sites.map((site) => sampleOf(site, tables)),
    // The names are all there: nothing to look up in a binary.
    mapping: [{ id: MAPPING, hasFunctions: true, hasFilenames: true, hasLineNumbers: true }],
    location: tables.locations,
    function: tables.functions,
    stringTable: strings,
    timeNanos: options.timeNanos,
    periodType: valueType(['space', 'bytes']),
    period: options.periodBytes,
  });
  return gzipSync(profile.encode());
}

/** The one mapping, to which all locations belong. */
const MAPPING = 1;

function sampleOf(site: SiteProfile, tables: Tables): SampleInput {
  const { kind, liveBlocks, liveBytes, totalBlocks, totalBytes } = site;
  return {
    locationId: framesOf(site).map((frame) => tables.locationOf(frame)),
    value: [totalBlocks, totalBytes, liveBlocks, liveBytes],
    // A label without text would be read as the number 0.
    label: kind === '' ? [] : [{ key: tables.strings.dedup('kind'), str: tables.strings.dedup(kind) }],
  };
}

/** What samples refer to, each thing once. Identifiers are places in the lists, from 1 on. */
class Tables {
  readonly strings = new StringTable();
  readonly functions: FunctionInput[] = [];
  readonly locations: LocationInput[] = [];
  readonly #paths = new Map<string, string>();
  readonly #functionIds = new Map<string, number>();
  readonly #locationIds = new Map<string, number>();

  locationOf(frame: ProfileFrame): number {
    const { line, column } = frame;
    const functionId = this.#functionOf(frame);
    const key = `${functionId}:${line}:${column}`;
    const known = this.#locationIds.get(key);
    if (known !== undefined) return known;
    const id = this.locations.length + 1;
    this.#locationIds.set(key, id);
    this.locations.push({ id, mappingId: MAPPING, line: [{ functionId, line, column }] });
    return id;
  }

  #functionOf(frame: ProfileFrame): number {
    const file = this.#pathOf(frame);
    const name = frame.functionName === '' ? anonymous(frame, file) : frame.functionName;
    const key = `${name}\0${file}`;
    const known = this.#functionIds.get(key);
    if (known !== undefined) return known;
    const id = this.functions.length + 1;
    this.#functionIds.set(key, id);
    // No systemName: pprof would take it for C++ and strip what looks like templates and arguments, as of `[Symbol.iterator]`.
    this.functions.push({ id, name: this.strings.dedup(name), filename: this.strings.dedup(file) });
    return id;
  }

  /** Parsing a URL takes longer than all else here: each is parsed once. */
  #pathOf({ url }: ProfileFrame): string {
    const known = this.#paths.get(url);
    if (known !== undefined) return known;
    const path = pathOf(url);
    this.#paths.set(url, path);
    return path;
  }
}

function anonymous({ line, column }: ProfileFrame, file: string): string {
  const name = win32.basename(file); // Takes either kind of slash.
  return `(anonymous ${[name, line, column].filter((part) => part !== 0).join(':')})`;
}
