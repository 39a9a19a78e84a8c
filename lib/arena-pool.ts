// A bounded stock of arenas, so that a request or a scope finds one whose memory is mapped and warm.
import { Arena, keptBytesOf, orphaningsOf, succeed } from './arena.ts';
import type { ArenaOptions } from './arena-options.ts';
import { LiveSet } from './live-set.ts';

/** How a request, or a scope, ended: its response was handed to the system whole, or the connection broke before that. */
export type RequestEnd = 'finished' | 'broken';

/** What has become of the arenas of one pool or of several, as counts that never fall: they outlive the pools. */
export class PoolTally {
  /** Arenas that were reset for whoever comes next. */
  resets = 0;
  /** Arenas whose memory was left to whoever still used it. */
  orphanings = 0;
  /** Arenas that were disposed because they were not needed, and the bytes that they held. */
  trims = 0;
  trimmedBytes = 0;
}

const pools = new LiveSet<ArenaPool>();

/** How many arenas of this thread wait for the next request or scope. */
export function idleArenas(): number {
  return pools.list().reduce((idle, pool) => idle + pool.idle, 0);
}

/** Arenas between two requests. The one given back last is taken first: its pages are the likeliest to be cached. */
export class ArenaPool {
  readonly #idle: Arena[] = [];
  // What each of them holds, in bytes.
  readonly #bytes: number[] = [];
  #idleBytes = 0;
  readonly #arenaOptions: ArenaOptions;
  readonly #maxPooled: number;
  readonly #tally: PoolTally;
  // The fewest that waited at a time since the last trim: so many were not needed.
  #spare = 0;

  /** At most `maxPooled` wait. What becomes of arenas is counted in `tally`. */
  constructor(arenaOptions: ArenaOptions, maxPooled: number, tally: PoolTally = new PoolTally()) {
    this.#arenaOptions = arenaOptions;
    this.#maxPooled = maxPooled;
    this.#tally = tally;
    pools.add(this);
  }

  /** How many wait. */
  get idle(): number {
    return this.#idle.length;
  }

  /** The bytes of memory that those hold. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** An empty arena. The caller gives it back with `give`. */
  take(): Arena {
    const warm = this.#idle.pop();
    if (warm === undefined) return new Arena(this.#arenaOptions);
    this.#idleBytes -= this.#bytes.pop() as number;
    if (this.#idle.length < this.#spare) this.#spare = this.#idle.length;
    // Who subscribes to `freehold:arena.reset` sees arenas that wait, and may have disposed one.
    return warm.disposed ? new Arena(this.#arenaOptions) : warm;
  }

  /** Disposes the idle arenas. How many they were. */
  clear(): number {
    this.#spare = this.#idle.length;
    return this.trim();
  }

  /** Disposes those that nobody has needed since the last trim. How many they were. */
  trim(): number {
    const arenas = this.#idle.splice(0, this.#spare);
    const bytes = this.#bytes.splice(0, arenas.length).reduce((sum, each) => sum + each, 0);
    this.#spare = this.#idle.length;
    this.#idleBytes -= bytes;
    this.#tally.trims += arenas.length;
    this.#tally.trimmedBytes += bytes;
    // Called by timers, where nobody could catch: a pin that was taken meanwhile is no reason to throw.
    for (const arena of arenas) discard(arena, 'finished');
    return arenas.length;
  }

  /**
   * Ends the life of `arena` and of everything in it; its memory goes to the next request when it is of at most `most` bytes, and
   * `most` is not negative. It never throws, since it runs inside of event listeners, where nobody could catch.
   */
  give(arena: Arena, end: RequestEnd, most = Infinity): void {
    const before = orphaningsOf(arena);
    let last = arena;
    try {
      if (most < 0 || end === 'broken' || this.#idle.length >= this.#maxPooled) {
        discard(arena, end);
      } else {
        last = renewed(arena);
        this.#tally.resets++;
        const bytes = keptBytesOf(last);
        if (bytes <= most) this.#keep(last, bytes);
        else last.dispose();
      }
    } catch {
      // The handler disposed it, or the system is out of memory: nothing is left to do, the collector takes the rest.
    }
    if (orphaningsOf(last) > before) this.#tally.orphanings++;
  }

  #keep(arena: Arena, bytes: number): void {
    this.#idle.push(arena);
    this.#bytes.push(bytes);
    this.#idleBytes += bytes;
  }
}

/**
 * An empty arena over the same memory. A new one costs 0.3 us more than to reset the old and use it again, and is why a
 * handler that kept `req.arena` for too long cannot reach into another request: its arena is disposed.
 */
function renewed(arena: Arena): Arena {
  const heir = succeed(arena);
  try {
    heir.reset();
  } catch {
    // A pin at this moment is native work that the handler did not wait for: its memory is left to it. Asked for only
    // now, because a reset with options costs several times as much.
    heir.reset({ whenPinned: 'orphan' });
  }
  return heir;
}

/**
 * After a broken connection the memory is left to the garbage collector: whoever still reads or writes it, as native
 * work may, does so undisturbed.
 */
export function discard(arena: Arena, end: RequestEnd): void {
  arena.dispose({ whenPinned: 'orphan', ...(end === 'broken' && { mode: 'orphan' }) });
}
