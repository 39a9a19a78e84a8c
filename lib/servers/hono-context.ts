// What the adapter for Hono adds to a context. Hono keeps variables as values, and an arena is to be taken only when it is asked for.
import { STATUS_CODES } from 'node:http';

import type { Context } from 'hono';

import type { Arena } from '../arena.ts';
import { type FreeholdError, statusErrors } from '../errors.ts';

const kHolder = Symbol('freehold.holder');

/** What has the arena of a request. */
export interface ArenaHolder {
  readonly arena: Arena;
}

/** A context of Hono's, and what its `var` returns, with what this file adds. */
interface Equipped {
  [kHolder]?: ArenaHolder;
}

/** The classes of contexts whose `var` knows arenas. */
const equipped = new WeakSet<object>();

/**
 * Gives a context `c.get('arena')` and `c.var.arena`. By an assignment, and by a getter of the class: an accessor in the place of a
 * property of the context itself would make V8 keep it as a dictionary, and each of its uses several times slower.
 */
export function equip(c: Context & Equipped, holder: ArenaHolder): void {
  if (kHolder in c) return;
  c[kHolder] = holder;
  const { get } = c;
  // Named first: see CONTRIBUTING.md on closures that are assigned to properties.
  const getWithArena = (key: string) =>
    key === 'arena' ? holder.arena : (get as (key: string) => unknown)(key);
  c.get = getWithArena;
  const prototype = Object.getPrototypeOf(c) as object;
  if (!equipped.has(prototype)) equipClass(prototype);
}

// One getter for all: with one for each request, each would get a hidden class of its own, which lives until a full collection, and
// keeps its request. Nothing of this is enumerable, so that to copy the variables takes no arena.
const ARENA_VARIABLE: PropertyDescriptor & ThisType<Equipped> = {
  configurable: true,
  enumerable: false,
  get() {
    return this[kHolder]?.arena;
  },
};

function equipClass(prototype: object): void {
  equipped.add(prototype);
  const original = Object.getOwnPropertyDescriptor(prototype, 'var');
  Object.defineProperty(prototype, 'var', {
    configurable: true,
    enumerable: original?.enumerable ?? false,
    get(this: Equipped) {
      const variables = original?.get?.call(this) as object;
      const holder = this[kHolder];
      if (holder === undefined) return variables;
      Object.defineProperty(variables, kHolder, { value: holder });
      return Object.defineProperty(variables, 'arena', ARENA_VARIABLE);
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
