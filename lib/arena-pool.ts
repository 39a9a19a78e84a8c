// A bounded stock of arenas, so that a request or a scope finds one whose memory is mapped and warm.
import { Arena, succeed } from './arena.ts';
import type { ArenaOptions } from './arena-options.ts';
import { LiveSet } from './live-set.ts';

/** How a request, or a scope, ended: its response was handed to the system whole, or the connection broke before that. */
export type RequestEnd = 'finished' | 'broken';

const pools = new LiveSet<ArenaPool>();

/** How many arenas of this thread wait for the next request or scope. */
export function idleArenas(): number {
  return pools.list().reduce((idle, pool) => idle + pool.idle, 0);
}

/** Arenas between two requests. The one given back last is taken first: its pages are the likeliest to be cached. */
export class ArenaPool {
  readonly #idle: Arena[] = [];
  readonly #arenaOptions: ArenaOptions;
  readonly #maxPooled: number;
  // The fewest that waited at a time since the last trim: so many were not needed.
  #spare = 0;
  #orphanings = 0;

  /** At most `maxPooled` wait. */
  constructor(arenaOptions: ArenaOptions, maxPooled: number) {
    this.#arenaOptions = arenaOptions;
    this.#maxPooled = maxPooled;
    pools.add(this);
  }

  /** How many wait. */
  get idle(): number {
    return this.#idle.length;
  }

  /** How often the memory of an arena was left to whoever still used it. */
  get orphanings(): number {
    return this.#orphanings;
  }

  /** An empty arena. The caller gives it back with `give`. */
  take(): Arena {
    const warm = this.#idle.pop();
    if (this.#idle.length < this.#spare) this.#spare = this.#idle.length;
    return warm ?? new Arena(this.#arenaOptions);
  }

  /** Disposes the idle arenas. How many they were. */
  clear(): number {
    this.#spare = this.#idle.length;
    return this.trim();
  }

  /** Disposes those that nobody has needed since the last trim. How many they were. */
  trim(): number {
    const arenas = this.#idle.splice(0, this.#spare);
    for (const arena of arenas) arena.dispose();
    this.#spare = this.#idle.length;
    return arenas.length;
  }

  /**
   * Ends the life of `arena` and of everything in it; its memory goes to the next request when it is to be kept. It never
   * throws, since it runs inside of event listeners, where nobody could catch.
   */
  give(arena: Arena, end: RequestEnd, keep = true): void {
    try {
      if (end === 'broken') this.#orphanings++;
      if (keep && end === 'finished' && this.#idle.length < this.#maxPooled)
        this.#idle.push(this.#renewed(arena));
      else discard(arena, end);
    } catch {
      // The handler disposed it, or the system is out of memory: nothing is left to do, the collector takes the rest.
    }
  }

  /**
   * An empty arena over the same memory. A new one costs 0.3 us more than to reset the old and use it again, and is why a
   * handler that kept `req.arena` for too long cannot reach into another request: its arena is disposed.
   */
  #renewed(arena: Arena): Arena {
    const heir = succeed(arena);
    try {
      heir.reset();
    } catch {
      // A pin at this moment is native work that the handler did not wait for: its memory is left to it. Asked for only
      // now, because a reset with options costs several times as much.
      this.#orphanings++;
      heir.reset({ whenPinned: 'orphan' });
    }
    return heir;
  }
}

/**
 * After a broken connection the memory is left to the garbage collector: whoever still reads or writes it, as native
 * work may, does so undisturbed.
 */
export function discard(arena: Arena, end: RequestEnd): void {
  arena.dispose({ whenPinned: 'orphan', ...(end === 'broken' && { mode: 'orphan' }) });
}
