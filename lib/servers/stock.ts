// The arenas of one server between requests: as large as routes have needed them, and no more of them than are needed.
import { MAX_SEGMENT_BYTES } from '../control.ts';
import { ArenaPool, type RequestEnd } from '../arena-pool.ts';
import type { ArenaSettings } from '../arena-options.ts';
import type { Arena } from '../arena.ts';
import { LiveSet } from '../live-set.ts';
import { Route } from './route.ts';

/** More routes than that are counted as one: they are named by programs, but perhaps from what a client sent. */
const MAX_ROUTES = 1000;
/** The longest interval of a timer in ms. */
const MAX_INTERVAL = 2 ** 31 - 1;

const stocks = new LiveSet<Stock>();

/** The stocks of all servers of this thread. */
export function allStocks(): Stock[] {
  return stocks.list();
}

/** Warm arenas of one size. */
interface Shelf {
  /** What each holds, in bytes. */
  readonly bytes: number;
  readonly pool: ArenaPool;
}

/** An arena that a request has, and where it goes when the request is over. */
export interface Loan {
  readonly arena: Arena;
  readonly route: Route;
  readonly shelf: Shelf;
}

/**
 * Arenas by powers of two of bytes. A request gets one as large as those before it on its route have filled, so that it takes one
 * chunk, mapped and touched. What all of them keep while they wait is bounded, and what nobody has needed for a while is unmapped.
 */
export class Stock {
  readonly #settings: ArenaSettings;
  readonly #retain: number;
  readonly #maxBytes: number;
  readonly #idleMs: number;
  // By the exponent of their size.
  readonly #shelves: (Shelf | undefined)[] = [];
  readonly #routes = new Map<string, Route>();
  #idleBytes = 0;
  #timer: NodeJS.Timeout | null = null;

  /** How many requests have an arena now. */
  inUse = 0;

  constructor(settings: ArenaSettings, retain: number, maxBytes: number, idleMs: number) {
    this.#settings = settings;
    this.#retain = retain;
    this.#maxBytes = maxBytes;
    this.#idleMs = idleMs;
    stocks.add(this);
  }

  /** Whether a request may take only so much. */
  get isLimited(): boolean {
    return this.#settings.limitBytes < Infinity;
  }

  /** Bytes that arenas keep while they wait. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** How many arenas wait. */
  get idle(): number {
    return this.#shelves.reduce((sum, shelf) => sum + (shelf?.pool.idle ?? 0), 0);
  }

  /** How often the memory of a request was left to whoever still used it. */
  get orphanings(): number {
    return this.#shelves.reduce((sum, shelf) => sum + (shelf?.pool.orphanings ?? 0), 0);
  }

  /** What is known of each route. */
  get routes(): Iterable<Route> {
    return this.#routes.values();
  }

  /** An empty arena for a request of the route that is called `name`. The caller gives it back with {@link give}. */
  take(name: string): Loan {
    const route = this.#routes.get(name) ?? this.#learn(name);
    const shelf = this.#shelfFor(route.mark);
    const warm = shelf.pool.idle;
    const arena = shelf.pool.take();
    if (warm > 0) this.#idleBytes -= shelf.bytes;
    this.inUse++;
    return { arena, route, shelf };
  }

  /** Ends the life of a request's arena. Never throws. */
  give({ arena, route, shelf }: Loan, end: RequestEnd): void {
    this.inUse--;
    const { pool, bytes } = shelf;
    if (arena.disposed) {
      route.end(0, end);
      return;
    }
    route.end(arena.used, end);
    if (this.#settings.whenPinned === 'throw') warnOfPins(arena);
    const before = pool.idle;
    pool.give(arena, end, bytes <= this.#retain && this.#idleBytes + bytes <= this.#maxBytes);
    if (pool.idle === before) return;
    this.#idleBytes += bytes;
    this.#timer ??= this.#watch();
  }

  /** Unmaps what waits. How many bytes that were. */
  trim(): number {
    const before = this.#idleBytes;
    for (const shelf of this.#shelves) shelf?.pool.clear();
    this.#idleBytes = 0;
    return before;
  }

  #learn(name: string): Route {
    const known = this.#routes.size < MAX_ROUTES ? name : '';
    const route = this.#routes.get(known) ?? new Route(known, this.#settings.initialBytes);
    this.#routes.set(known, route);
    return route;
  }

  #shelfFor(mark: number): Shelf {
    const wanted = Math.min(Math.max(mark, this.#settings.initialBytes), MAX_SEGMENT_BYTES);
    const exponent = 32 - Math.clz32(wanted - 1);
    return (this.#shelves[exponent] ??= this.#put(2 ** exponent));
  }

  #put(bytes: number): Shelf {
    // Twice as much is kept where a cached chunk was larger than asked for.
    const options = { ...this.#settings, initialBytes: bytes, retain: 2 * bytes };
    options.maxChunkBytes = Math.max(bytes, options.maxChunkBytes);
    return { bytes, pool: new ArenaPool(options, Infinity) };
  }

  /** Looks from time to time what was not needed; as long as anything waits. */
  #watch(): NodeJS.Timeout | null {
    if (this.#idleMs === Infinity) return null;
    return setInterval(
      () => {
        for (const shelf of this.#shelves)
          if (shelf !== undefined) this.#idleBytes -= shelf.pool.trim() * shelf.bytes;
        if (this.#idleBytes > 0 || this.#timer === null) return;
        clearInterval(this.#timer);
        this.#timer = null;
      },
      Math.min(this.#idleMs, MAX_INTERVAL),
    ).unref();
  }
}

function warnOfPins(arena: Arena): void {
  const { pins } = arena.stats();
  if (pins === 0) return;
  process.emitWarning(
    `the response of a request has finished while ${pins} pin(s) held its memory, which is left to them; await what has pinned it`,
    { type: 'FreeholdWarning', code: 'ERR_FREEHOLD_PINNED' },
  );
}
