// What the adapter for Hono adds to a context. Hono keeps variables as values, and an arena is to be taken only when it is asked for.
import { STATUS_CODES } from 'node:http';

import type { Context } from 'hono';

import type { Arena } from '../arena.ts';
import { type FreeholdError, statusErrors } from '../errors.ts';

const kArena = Symbol('freehold.arena');

/** A context of Hono's with what this file adds. */
interface Equipped {
  [kArena]?: () => Arena;
}

/** The classes of contexts whose `var` knows arenas. */
const equipped = new WeakSet<object>();

/**
 * Gives a context `c.get('arena')` and `c.var.arena`. By an assignment, and by a getter of the class: an accessor in the place of a
 * property of the context itself would make V8 keep it as a dictionary, and each of its uses several times slower.
 */
export function equip(c: Context & Equipped, arena: () => Arena): void {
  if (kArena in c) return;
  c[kArena] = arena;
  const { get } = c;
  c.get = (key: string) => (key === 'arena' ? arena() : (get as (key: string) => unknown)(key));
  const prototype = Object.getPrototypeOf(c) as object;
  if (!equipped.has(prototype)) equipClass(prototype);
}

function equipClass(prototype: object): void {
  equipped.add(prototype);
  const original = Object.getOwnPropertyDescriptor(prototype, 'var');
  Object.defineProperty(prototype, 'var', {
    configurable: true,
    enumerable: original?.enumerable ?? false,
    get(this: Equipped) {
      const variables = original?.get?.call(this) as object;
      const arena = this[kArena];
      // Not enumerable, so that to copy the variables takes no arena.
      return arena === undefined
        ? variables
        : Object.defineProperty(variables, 'arena', { configurable: true, enumerable: false, get: arena });
    },
  });
}

// Hono answers an error by its getResponse(), or with 500.
statusErrors.equip = (error: FreeholdError, status: number) => {
  Object.defineProperty(error, 'getResponse', {
    configurable: true,
    value: () => new Response(`${STATUS_CODES[status] ?? ''}\n`, { status }),
  });
};
