import { ArenaPool, discard } from '../arena-pool.ts';
import { readArenaOptions } from '../arena-options.ts';
import { Arena } from '../arena.ts';
import type { BlockAllocator } from '../block-allocator.ts';
import { checkChoice, checkFunction, readOptions } from '../validate.ts';
import { type Ambient, type Body, type Ending, currentScope, runScope } from './ambient.ts';
import { promoteMemory, refuseMemory } from './escape.ts';
import { type AmbientOptions, checkFollow } from './ambient-options.ts';
import { defaultAllocator } from './strategies.ts';

/** Options of {@link withArena} and {@link arenaMemory}. */
export interface ArenaScopeOptions extends AmbientOptions {
  /** The size of the arena's first chunk in bytes, 4 KiB to 1 GiB. Default: 64 KiB, or what an arena kept from before has. */
  initialBytes?: number;
  /** The most bytes that the scope may take; more throws `ERR_FREEHOLD_LIMIT`. Default: Infinity. */
  limitBytes?: number;
  /**
   * What becomes of memory of the arena in the result. `'promote'`: it is copied to the allocator outside, and the copies
   * stand where the views were. `'throw'`: `ERR_FREEHOLD_ESCAPE`. Default: `'promote'`.
   */
  escape?: 'promote' | 'throw';
}

/** Options that were read and checked. */
export interface ArenaScopeSettings {
  readonly follow: boolean | undefined;
  readonly refuses: boolean;
  /** Makes an arena of the scope's own; undefined for one from the stock. */
  readonly make: (() => Arena) | undefined;
}

const ESCAPES = ['promote', 'throw'] as const;

// Kept between scopes, each of at most 1 MiB. Scopes that are nested, or in flight, need one each.
const stock = new ArenaPool(readArenaOptions({ name: 'scope', retain: 1024 * 1024 }), 64);

const USUAL: ArenaScopeSettings = { follow: undefined, refuses: false, make: undefined };

/** One scope: what is ambient in it, and how it ends. */
class ArenaScope implements Ambient, Ending {
  readonly allocator: Arena;
  readonly strategy = 'arena';
  readonly #outer = currentScope();
  readonly #settings: ArenaScopeSettings;

  constructor(settings: ArenaScopeSettings) {
    this.#settings = settings;
    this.allocator = settings.make === undefined ? stock.take() : settings.make();
  }

  finish(result: unknown): unknown {
    if (typeof result !== 'object' || result === null) {
      this.#end();
      return result;
    }
    const arena = this.allocator;
    try {
      if (!this.#settings.refuses) return promoteMemory(result, arena, () => this.#outside());
      refuseMemory(result, arena);
      return result;
    } finally {
      this.#end();
    }
  }

  fail(): void {
    this.#end();
  }

  #outside(): BlockAllocator {
    return this.#outer?.allocator ?? defaultAllocator();
  }

  #end(): void {
    if (this.#settings.make === undefined) stock.give(this.allocator, 'finished');
    else discard(this.allocator, 'finished');
  }
}

/** Checks options once, for a scope that is entered often. */
export function readArenaScope(options: ArenaScopeOptions | undefined, of: string): ArenaScopeSettings {
  if (options === undefined) return USUAL;
  const known = ['initialBytes', 'limitBytes', 'escape', 'async'] as const;
  const { escape = 'promote', async: follow, ...sizes } = readOptions(options, known, of);
  const refuses = checkChoice(escape, ESCAPES, 'escape') === 'throw';
  const isUsual = sizes.initialBytes === undefined && sizes.limitBytes === undefined;
  const settings = isUsual ? undefined : readArenaOptions({ ...sizes, name: 'scope' });
  return {
    follow: checkFollow(follow),
    refuses,
    make: settings === undefined ? undefined : () => new Arena(settings),
  };
}

/** Runs a function in a scope of its own. */
export function runWithArena(
  settings: ArenaScopeSettings,
  receiver: unknown,
  body: Body,
  rest?: unknown[],
): unknown {
  const scope = new ArenaScope(settings);
  return runScope(scope, scope, settings.follow, receiver, body, rest ?? [scope.allocator]);
}

/**
 * Runs `body` with an arena that ends when it has returned or thrown, or when its promise is settled. Everything in `body`
 * that asks for {@link currentAllocator} gets the arena.
 *
 * Memory of the arena in the result is copied to the allocator outside: blocks, typed arrays and other views, strings, lists
 * and arrays of this package, alone or in
 * elements of arrays and enumerable properties of plain objects, to any depth. Whose the copies are is a matter of that allocator: of an outer scope, its; of the
 * manual strategy, the caller's to free. Instances of classes, maps and sets are not looked into.
 *
 * What native work has pinned when the scope ends is left to that work, and to the garbage collector.
 *
 * @returns what `body` returns.
 * @throws what `body` throws; `ERR_FREEHOLD_ESCAPE` (see {@link ArenaScopeOptions}); `ERR_FREEHOLD_INVALID_ARGUMENT` when
 * `body` is no async function and returns a promise, without the option `async`.
 *
 * @example
 * ```ts
 * import { Heap, withAllocator, withArena } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new Heap();
 * const words = withAllocator(heap, () =>
 *   withArena((arena) => {
 *     const line = arena.string('memory of its own');
 *     return [line.subarray(0, 6), line.subarray(10, 17)];
 *   }),
 * );
 * assert.deepEqual(words.map(String), ['memory', 'its own']);
 * assert.equal(heap.stats().blocks, 2);
 * ```
 */
export function withArena<T>(body: (arena: Arena) => T, options?: ArenaScopeOptions): T {
  checkFunction(body, 'body');
  return runWithArena(readArenaScope(options, 'withArena'), undefined, body) as T;
}

/**
 * Unmaps what {@link withArena} keeps for its next scopes: at most 64 arenas of 1 MiB.
 *
 * @returns how many arenas were kept.
 */
export function trimScopes(): number {
  return stock.clear();
}
