import { FreeholdError } from '../errors.ts';
import type { BlockRecord } from './record.ts';

/** Live blocks that one place in the program allocated. */
export interface Leak {
  /** Their bytes, as they were asked for. */
  readonly bytes: number;
  /** How many they are. */
  readonly count: number;
  /** The stack, one frame to a line. Empty when stacks are not captured. */
  readonly site: string;
}

/** At most so many places stand in a message; `leaks` has them all. */
const SHOWN = 10;

/**
 * Thrown by dispose of a tracking allocator that has live blocks, with code `ERR_FREEHOLD_LEAK`.
 *
 * @example
 * ```ts
 * import { Arena, LeakError, tracking } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * const tracked = tracking(arena);
 * tracked.alloc(100);
 * assert.throws(
 *   () => tracked.dispose(),
 *   (error) => error instanceof LeakError && error.leaks[0].bytes === 100,
 * );
 * ```
 */
export class LeakError extends FreeholdError {
  /** What was not freed, the most bytes first. */
  readonly leaks: readonly Leak[];

  constructor(message: string, leaks: readonly Leak[]) {
    super('ERR_FREEHOLD_LEAK', message);
    this.leaks = leaks;
  }
}

/** Live blocks by the place that allocated them, the most bytes first. */
export function groupBySite(records: Iterable<BlockRecord>): Leak[] {
  const groups = new Map<string, { bytes: number; count: number; site: string }>();
  for (const { bytes, trace } of records) {
    const site = trace?.site?.toString() ?? '';
    const group = groups.get(site) ?? { bytes: 0, count: 0, site };
    group.bytes += bytes;
    group.count++;
    groups.set(site, group);
  }
  return [...groups.values()].sort((a, b) => b.bytes - a.bytes);
}

export function leakError(name: string, leaks: readonly Leak[]): LeakError {
  const bytes = leaks.reduce((sum, each) => sum + each.bytes, 0);
  const count = leaks.reduce((sum, each) => sum + each.count, 0);
  const places = leaks
    .slice(0, SHOWN)
    .map((each) => `  ${each.bytes} bytes in ${each.count} block(s)${each.site && `\n${each.site}`}`);
  const more = leaks.length > SHOWN ? `\n  and ${leaks.length - SHOWN} more place(s)` : '';
  return new LeakError(
    `${bytes} bytes in ${count} block(s) of "${name}" were not freed:\n${places.join('\n')}${more}`,
    leaks,
  );
}
