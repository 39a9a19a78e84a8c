// The arenas of one server between requests: as large as routes have needed them, and no more of them than are needed.
import { MAX_SEGMENT_BYTES } from '../control.ts';
import { ArenaPool, type RequestEnd } from '../arena-pool.ts';
import type { ArenaSettings } from '../arena-options.ts';
import { type Arena, pinsOf, resetsOf } from '../arena.ts';
import { LiveSet } from '../live-set.ts';
import { Route } from './route.ts';
import { learn, serverTally } from './totals.ts';

/** The longest interval of a timer in ms. */
const MAX_INTERVAL = 2 ** 31 - 1;

const stocks = new LiveSet<Stock>();

/** The stocks of all servers of this thread. */
export function allStocks(): Stock[] {
  return stocks.list();
}

/** Warm arenas of one size. */
interface Shelf {
  /** What each is made for, in bytes; it may hold up to twice as much. */
  readonly bytes: number;
  readonly pool: ArenaPool;
}

/** An arena that a request has, and where it goes when the request is over. */
export interface Loan {
  readonly arena: Arena;
  readonly route: Route;
  readonly shelf: Shelf;
  /** How often the arena had been reset before. */
  readonly resets: number;
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
  readonly #shelves: Shelf[] = [];
  // The same by the exponent of their size.
  readonly #byExponent: (Shelf | undefined)[] = [];
  readonly #routes = new Map<string, Route>();
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
    let sum = 0;
    for (const { pool } of this.#shelves) sum += pool.idleBytes;
    return sum;
  }

  /** How many arenas wait. */
  get idle(): number {
    let sum = 0;
    for (const { pool } of this.#shelves) sum += pool.idle;
    return sum;
  }

  /** What is known of each route. */
  get routes(): Iterable<Route> {
    return this.#routes.values();
  }

  /** An empty arena for a request of the route that is called `name`. The caller gives it back with {@link give}. */
  take(name: string): Loan {
    const route = learn(this.#routes, name, (known) => new Route(known, this.#settings.initialBytes));
    const shelf = this.#shelfFor(route.mark);
    const arena = shelf.pool.take();
    this.inUse++;
    return { arena, route, shelf, resets: resetsOf(arena) };
  }

  /** Ends the life of a request's arena. Never throws. */
  give({ arena, route, shelf, resets }: Loan, end: RequestEnd): void {
    this.inUse--;
    const pins = pinsOf(arena);
    route.end(end, pins > 0);
    // Of an arena that the handler has disposed itself nothing is known any more, and nothing is left.
    if (arena.disposed) return;
    // Who resets it on the way has used more than is there at the end: at most what the arena has ever held.
    route.took(resetsOf(arena) === resets ? arena.used : arena.stats().bytesPeak);
    if (pins > 0 && this.#settings.whenPinned === 'throw') warnOfPins(pins);
    const most = Math.min(this.#retain, this.#maxBytes - this.idleBytes);
    // What is sure not to be kept is not reset first.
    shelf.pool.give(arena, end, shelf.bytes <= most ? most : -1);
    if (shelf.pool.idle > 0) this.#timer ??= this.#watch();
  }

  /** Unmaps what waits. How many bytes that were. */
  trim(): number {
    const before = this.idleBytes;
    for (const { pool } of this.#shelves) pool.clear();
    return before;
  }

  #shelfFor(mark: number): Shelf {
    const wanted = Math.min(Math.max(mark, this.#settings.initialBytes), MAX_SEGMENT_BYTES);
    const exponent = 32 - Math.clz32(wanted - 1);
    return (this.#byExponent[exponent] ??= this.#put(2 ** exponent));
  }

  #put(bytes: number): Shelf {
    // Twice as much is kept where a cached chunk was larger than asked for.
    const options = { ...this.#settings, initialBytes: bytes, retain: 2 * bytes };
    options.maxChunkBytes = Math.max(bytes, options.maxChunkBytes);
    // Arenas that hold nothing yet, because their requests took nothing, are bounded as if they did.
    const pool = new ArenaPool(options, Math.floor(this.#maxBytes / bytes), serverTally);
    const shelf = { bytes, pool };
    this.#shelves.push(shelf);
    return shelf;
  }

  /** Looks from time to time what was not needed; as long as anything waits. */
  #watch(): NodeJS.Timeout | null {
    if (this.#idleMs === Infinity) return null;
    return setInterval(
      () => {
        for (const { pool } of this.#shelves) pool.trim();
        if (this.idle > 0 || this.#timer === null) return;
        clearInterval(this.#timer);
        this.#timer = null;
      },
      Math.min(this.#idleMs, MAX_INTERVAL),
    ).unref();
  }
}

function warnOfPins(pins: number): void {
  process.emitWarning(
    `the response of a request has finished while ${pins} pin(s) held its memory, which is left to them; await what has pinned it`,
    { type: 'FreeholdWarning', code: 'ERR_FREEHOLD_PINNED' },
  );
}
