import type { ArenaOptions, DisposeOptions, ResetOptions } from '../arena-options.ts';
import { Arena } from '../arena.ts';
import { FreeholdError } from '../errors.ts';
import { nearestOf } from '../nearest.ts';
import { checkName, describe } from '../validate.ts';

// Arenas that a program reaches by name, from wherever it is: a level of a game, a phase of a compiler.

/** The arena of the strategy 'arena', for code that runs in no scope. */
const DEFAULT = 'default';

const arenas = new Map<string, Arena>();

/**
 * Makes an arena that {@link getArena} finds by its name, in this thread.
 *
 * @returns the arena, which lives until {@link destroyArena} or its dispose.
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when there is one of that name, and for options that make no sense.
 *
 * @example
 * ```ts
 * import { createArena, destroyArena, getArena, resetArena } from 'freehold';
 * import assert from 'node:assert';
 *
 * createArena('level', { initialBytes: 1024 * 1024 });
 * getArena('level').alloc(1000);
 * resetArena('level');
 * assert.equal(getArena('level').used, 0);
 * destroyArena('level');
 * ```
 */
export function createArena(name: string, options?: Omit<ArenaOptions, 'name'>): Arena {
  if (hasArena(checkName(name))) {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `there is an arena named ${describe(name)} already; getArena() returns it`,
    );
  }
  if (options !== undefined && (typeof options !== 'object' || options === null || 'name' in options)) {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `options of createArena must be an object without a name, but are ${describe(options)}`,
    );
  }
  const arena = new Arena({ ...options, name });
  arenas.set(name, arena);
  return arena;
}

/** Whether {@link createArena} has made an arena of this name that was not destroyed. */
export function hasArena(name: string): boolean {
  return find(name) !== undefined;
}

/**
 * The arena of this name.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when there is none; see {@link hasArena}.
 */
export function getArena(name: string): Arena {
  const arena = find(checkName(name));
  if (arena !== undefined) return arena;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `there is no arena named ${describe(name)}${nearest(name)}; createArena() makes one`,
  );
}

/** The names of the arenas that there are, in the order in which they were made. */
export function arenaNames(): string[] {
  for (const name of arenas.keys()) find(name);
  return [...arenas.keys()];
}

/**
 * Ends every block of the arena of this name. Throws as {@link getArena} and {@link Arena.reset}.
 */
export function resetArena(name: string, options?: ResetOptions): void {
  getArena(name).reset(options);
}

/**
 * Disposes the arena of this name, and forgets it. Throws as {@link getArena} and {@link Arena.dispose}: a pinned arena stays.
 */
export function destroyArena(name: string, options?: DisposeOptions): void {
  getArena(name).dispose(options);
  arenas.delete(name);
}

/** The arena of the strategy 'arena', for code that runs in no scope: made when it is first asked for. */
export function defaultArena(): Arena {
  return find(DEFAULT) ?? createArena(DEFAULT);
}

/** An arena that its user has disposed is not one any more. */
function find(name: string): Arena | undefined {
  const arena = arenas.get(name);
  if (arena?.disposed !== true) return arena;
  arenas.delete(name);
  return undefined;
}

function nearest(name: string): string {
  const near = nearestOf(name, arenaNames());
  return near === undefined ? '' : `; did you mean ${describe(near)}?`;
}
