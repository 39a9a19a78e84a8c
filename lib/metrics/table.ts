// Every metric, once: what is registered with Prometheus and OpenTelemetry, the table in docs/servers.md and the dashboard in
// docs/grafana.json are made of this.
import type { Figures, RouteFigures } from './figures.ts';

/** A counter never falls; the figures of several processes add up but for those of a `'gauge'`, whose largest counts. */
export type MetricKind = 'counter' | 'sum' | 'gauge';

/** Bytes, seconds, or what is counted, as UCUM has it. */
export type MetricUnit = 'By' | 's' | `{${string}}`;

interface Described {
  /** Behind `freehold.`, in words joined by dots as OpenTelemetry has them. */
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: MetricUnit;
  /** One sentence without its full stop. */
  readonly help: string;
}

/** One metric: a figure of the thread, or one for each route. */
export type Metric = Described &
  (
    | { readonly read: (figures: Figures) => number; readonly readRoute?: never }
    | { readonly read?: never; readonly readRoute: (route: RouteFigures) => number }
  );

const NANOSECONDS = 1e9;

/** See the top of this file. */
export const METRICS: readonly Metric[] = [
  {
    name: 'memory.live',
    kind: 'sum',
    unit: 'By',
    help: 'Memory handed out by all allocators and not given back',
    read: ({ memory }) => memory.totals.bytesUsed,
  },
  {
    name: 'memory.reserved',
    kind: 'sum',
    unit: 'By',
    help: 'Memory that allocators hold from the system for that',
    read: ({ memory }) => memory.totals.bytesReserved,
  },
  {
    name: 'memory.mapped',
    kind: 'sum',
    unit: 'By',
    help: 'Chunks mapped from the system: held, cached and orphaned',
    read: ({ memory }) => memory.chunks.mappedBytes,
  },
  {
    name: 'memory.mapped_peak',
    kind: 'gauge',
    unit: 'By',
    help: 'The most that was ever mapped at a time',
    read: ({ memory }) => memory.peak.mappedBytes,
  },
  {
    name: 'memory.cached',
    kind: 'sum',
    unit: 'By',
    help: 'Chunks kept for the next allocator that needs one',
    read: ({ memory }) => memory.chunks.cachedBytes,
  },
  {
    name: 'memory.orphaned',
    kind: 'sum',
    unit: 'By',
    help: 'Chunks left to the garbage collector and not collected yet',
    read: ({ memory }) => memory.chunks.orphanedBytes,
  },
  {
    name: 'arenas.in_use',
    kind: 'sum',
    unit: '{arena}',
    help: 'Arenas that requests have now',
    read: ({ arenas }) => arenas.inUse,
  },
  {
    name: 'arenas.idle',
    kind: 'sum',
    unit: '{arena}',
    help: 'Arenas that wait for the next request',
    read: ({ arenas }) => arenas.idle,
  },
  {
    name: 'arenas.warm',
    kind: 'sum',
    unit: 'By',
    help: 'Memory that arenas hold while they wait for the next request',
    read: ({ arenas }) => arenas.idleBytes,
  },
  {
    name: 'pins',
    kind: 'sum',
    unit: '{pin}',
    help: 'Pins that hold memory and were not released',
    read: ({ pins }) => pins,
  },
  {
    name: 'requests',
    kind: 'counter',
    unit: '{request}',
    help: 'Requests that took an arena, and have ended',
    readRoute: ({ totals }) => totals.requests,
  },
  {
    name: 'broken_requests',
    kind: 'counter',
    unit: '{request}',
    help: 'Of those, the ones whose connection broke before their response was handed to the system whole',
    readRoute: ({ totals }) => totals.broken,
  },
  {
    name: 'pinned_requests',
    kind: 'counter',
    unit: '{request}',
    help: 'Of those, the ones that ended while a pin held their memory',
    readRoute: ({ totals }) => totals.pinned,
  },
  {
    name: 'limit_hits',
    kind: 'counter',
    unit: '{hit}',
    help: 'Allocations that were refused because a request had reached its limit',
    readRoute: ({ totals }) => totals.limitHits,
  },
  {
    name: 'route.high_water',
    kind: 'gauge',
    unit: 'By',
    help: 'What the next request is expected to take from its arena: the most that was taken lately',
    readRoute: ({ mark }) => mark,
  },
  {
    name: 'route.peak',
    kind: 'gauge',
    unit: 'By',
    help: 'The most that a request has ever taken from its arena',
    readRoute: ({ totals }) => totals.peak,
  },
  {
    name: 'resets',
    kind: 'counter',
    unit: '{reset}',
    help: 'Arenas that were reset for the next request',
    read: ({ tally }) => tally.resets,
  },
  {
    name: 'orphanings',
    kind: 'counter',
    unit: '{orphaning}',
    help: 'Requests whose memory was left to whoever still used it, and to the garbage collector',
    read: ({ tally }) => tally.orphanings,
  },
  {
    name: 'trims',
    kind: 'counter',
    unit: '{arena}',
    help: 'Arenas that were unmapped because no request had needed them for a while',
    read: ({ tally }) => tally.trims,
  },
  {
    name: 'trimmed',
    kind: 'counter',
    unit: 'By',
    help: 'Memory that those arenas held',
    read: ({ tally }) => tally.trimmedBytes,
  },
  {
    name: 'collector.runs',
    kind: 'counter',
    unit: '{run}',
    help: 'Collections of reference-counted heaps that came to their end',
    read: ({ collector }) => collector.runs,
  },
  {
    name: 'collector.pause',
    kind: 'counter',
    unit: 's',
    help: 'Time that collections of reference-counted heaps have taken',
    read: ({ collector }) => collector.pauseNs / NANOSECONDS,
  },
  {
    name: 'collector.longest_pause',
    kind: 'gauge',
    unit: 's',
    help: 'The longest time that a collection has ever held up the program',
    read: ({ collector }) => collector.longestPauseNs / NANOSECONDS,
  },
];

/** The name of a metric by the rules of Prometheus: the unit behind it, and `_total` behind counters. */
export function prometheusName({ name, kind, unit }: Described, prefix = 'freehold_'): string {
  const suffix = unit === 'By' ? '_bytes' : unit === 's' ? '_seconds' : '';
  return `${prefix}${name.replaceAll('.', '_')}${suffix}${kind === 'counter' ? '_total' : ''}`;
}

/** The name of a metric by the rules of OpenTelemetry, which has the unit elsewhere. */
export function openTelemetryName({ name }: Described): string {
  return `freehold.${name}`;
}
