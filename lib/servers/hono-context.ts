// What the adapter for Hono adds to a context. Hono keeps variables as values, and an arena is to be taken only when it is asked for.
import { STATUS_CODES } from 'node:http';

import type { Context } from 'hono';

import type { Arena } from '../arena.ts';
import { FreeholdError } from '../errors.ts';

const kError = Symbol('freehold.error');

/** A context of Hono's with what this file adds. */
interface Equipped {
  [kError]?: Error | undefined;
}

// Hono answers an error by its getResponse(), or with 500; it sets `c.error` before it looks.
const ERROR_PROPERTY: PropertyDescriptor & ThisType<Equipped> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[kError];
  },
  set(error: Error | undefined) {
    this[kError] = error;
    if (error instanceof FreeholdError && !('getResponse' in error)) addResponse(error);
  },
};

/** Defines `c.get('arena')` and `c.var.arena`, and has errors that know their status answered with it. */
export function equip(c: Context & Equipped, arena: () => Arena): void {
  if (kError in c) return;
  c[kError] = c.error;
  const { get } = c;
  Object.defineProperties(c, {
    get: {
      configurable: true,
      enumerable: true,
      value: (key: string) => (key === 'arena' ? arena() : (get as (key: string) => unknown)(key)),
    },
    var: { configurable: true, get: () => withArena(Reflect.get(prototypeOf(c), 'var', c) as object, arena) },
    error: ERROR_PROPERTY,
  });
}

/** Not enumerable, so that to copy the variables takes no arena. */
function withArena(variables: object, get: () => Arena): object {
  return Object.defineProperty(variables, 'arena', { configurable: true, enumerable: false, get });
}

function prototypeOf(c: Context): object {
  return Object.getPrototypeOf(c) as object;
}

function addResponse(error: FreeholdError): void {
  const { statusCode: status } = error;
  if (status === undefined) return;
  Object.defineProperty(error, 'getResponse', {
    configurable: true,
    value: () => new Response(`${STATUS_CODES[status] ?? ''}\n`, { status }),
  });
}
