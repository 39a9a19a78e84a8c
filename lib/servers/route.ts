import type { RequestEnd } from '../arena-pool.ts';
import { type RouteTotals, totalsOf } from './totals.ts';

/** How slowly a mark sinks: a request that takes less than its route's mark takes 1/32 of the difference off it. */
const DECAY = 1 / 32;

/** What one server knows of one route. Sizes are bytes. */
export class Route {
  /** What was counted on routes of that name. */
  readonly totals: RouteTotals;
  /** What the next request is expected to take: the most that was taken lately. */
  mark: number;

  constructor(name: string, initialBytes: number) {
    this.totals = totalsOf(name);
    this.mark = initialBytes;
  }

  /** A request was refused memory because of its limit. */
  refused(): void {
    this.totals.limitHits++;
  }

  /** A request has taken `used` bytes. */
  took(used: number): void {
    const { totals } = this;
    if (used > totals.peak) totals.peak = used;
    this.mark = used >= this.mark ? used : this.mark - (this.mark - used) * DECAY;
  }

  /** A request has ended. */
  end(how: RequestEnd, pinned: boolean): void {
    const { totals } = this;
    totals.requests++;
    if (how === 'broken') totals.broken++;
    if (pinned) totals.pinned++;
  }
}
