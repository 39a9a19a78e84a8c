import type { RequestEnd } from '../arena-pool.ts';

/** How slowly a mark sinks: a request that takes less than its route's mark takes 1/32 of the difference off it. */
const DECAY = 1 / 32;

/** What one route has taken from its arenas. Sizes are bytes. */
export class Route {
  /** Requests that took an arena, and have ended. */
  requests = 0;
  /** Of those, how many ended before their response was handed to the system whole. */
  broken = 0;
  /** How often a request was refused memory because of its limit. */
  limitHits = 0;
  /** What the next request is expected to take: the most that was taken lately. */
  mark: number;
  /** The most that was ever taken. */
  peak = 0;

  constructor(
    /** As its adapter calls it; '' where routes have no names. */
    readonly name: string,
    initialBytes: number,
  ) {
    this.mark = initialBytes;
  }

  /** A request has ended that took `used` bytes. */
  end(used: number, how: RequestEnd): void {
    this.requests++;
    if (how === 'broken') this.broken++;
    if (used > this.peak) this.peak = used;
    this.mark = used >= this.mark ? used : this.mark - (this.mark - used) * DECAY;
  }
}
