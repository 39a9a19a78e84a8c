// A bounded stock of arenas, so that a request finds one whose memory is mapped and warm.
import { Arena } from '../arena.ts';
import type { ArenaOptions } from '../arena-options.ts';

/** How a request ended: its response was handed to the system whole, or the connection broke before that. */
export type RequestEnd = 'finished' | 'broken';

/** Arenas between two requests. The one given back last is taken first: its pages are the likeliest to be cached. */
export class ArenaPool {
  readonly #idle: Arena[] = [];
  readonly #arenaOptions: ArenaOptions;
  readonly #maxPooled: number;

  constructor(arenaOptions: ArenaOptions, maxPooled: number) {
    this.#arenaOptions = arenaOptions;
    this.#maxPooled = maxPooled;
  }

  /** An empty arena. The caller gives it back with `give`. */
  take(): Arena {
    return this.#idle.pop() ?? new Arena(this.#arenaOptions);
  }

  /**
   * Ends the life of everything in `arena`. It never throws, since it runs inside of event listeners, where nobody
   * could catch.
   */
  give(arena: Arena, end: RequestEnd): void {
    if (end === 'finished' && this.#idle.length < this.#maxPooled && this.#renew(arena)) return;
    discard(arena);
  }

  #renew(arena: Arena): boolean {
    try {
      // A pin at this moment is native work that the handler did not wait for: its memory is left to it.
      arena.reset({ whenPinned: 'orphan' });
      this.#idle.push(arena);
      return true;
    } catch {
      return false; // disposed by the handler, or out of memory
    }
  }
}

/** Leaves the memory to the garbage collector: whoever still reads or writes it does so undisturbed. */
function discard(arena: Arena): void {
  try {
    arena.dispose({ mode: 'orphan', whenPinned: 'orphan' });
  } catch {
    // Nothing is left to do with an arena that cannot be disposed; the collector takes it.
  }
}
