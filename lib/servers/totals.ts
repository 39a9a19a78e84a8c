// What the requests of this thread have done, ever: also those of servers that are gone. Counters that are published must not fall.
import { PoolTally } from '../arena-pool.ts';

/** More routes than that are counted as one: they are named by programs, but perhaps from what a client sent. */
export const MAX_ROUTES = 1000;

/** What has become of the arenas of all servers. */
export const serverTally = new PoolTally();

/** The requests of one route, of all servers that have one of that name. */
export class RouteTotals {
  /** As its adapter calls it; '' where routes have no names, and for those that are too many. */
  readonly name: string;
  /** Requests that took an arena, and have ended. */
  requests = 0;
  /** Of those, how many ended before their response was handed to the system whole. */
  broken = 0;
  /** Of those, how many ended while a pin held memory of theirs. */
  pinned = 0;
  /** How often a request was refused memory because of its limit. */
  limitHits = 0;
  /** The most bytes that a request has ever taken. */
  peak = 0;

  constructor(name: string) {
    this.name = name;
  }
}

const routes = new Map<string, RouteTotals>();

/** The totals of the route that is called `name`; those of '' when there are too many. */
export function totalsOf(name: string): RouteTotals {
  return learn(routes, name, (known) => new RouteTotals(known));
}

/** The totals of all routes. */
export function allTotals(): Iterable<RouteTotals> {
  return routes.values();
}

/** What `map` knows by a name; a new one that `make` makes; and beyond {@link MAX_ROUTES}, of which '' is one, that of ''. */
export function learn<T>(map: Map<string, T>, name: string, make: (name: string) => T): T {
  const known = map.get(name);
  if (known !== undefined) return known;
  if (name !== '' && map.size >= MAX_ROUTES - 1) return learn(map, '', make);
  const made = make(name);
  map.set(name, made);
  return made;
}
