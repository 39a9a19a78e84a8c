import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';

import type { BlockAllocator } from '../block-allocator.ts';
import { FreeholdError } from '../errors.ts';
import { type Strategy, defaultAllocator, defaultStrategy } from './strategies.ts';

// The allocator of the code that runs now. While a scope's function runs synchronously, it is a variable: nothing else can
// run in between. What goes on after an `await` finds it through AsyncLocalStorage, which is only ever switched on for
// functions that are async: until Node 24 it makes every promise of the process cost four times as much (80 and 490 ns for an
// `await` of Node 20, 15 ns to enter a scope).

/** What a scope sets. */
export interface Ambient {
  readonly allocator: BlockAllocator;
  readonly strategy: Strategy;
}

/** The scope whose function runs now, synchronously. */
let inside: Ambient | undefined;

/**
 * Its allocator, not asked of the scope: scopes come and go, and with the last of a class V8 forgets its shape, and then throws
 * away what it has optimised for it (seen: 80 instead of 30 ns for a block after each collection).
 */
let insideAllocator: BlockAllocator | undefined;

/** The scopes of async functions. */
const followed = new AsyncLocalStorage<Ambient>();

/** Whether any scope was ever followed. */
let follows = false;

/** The scope of the code that runs now; undefined outside of all. */
export function currentScope(): Ambient | undefined {
  return inside ?? (follows ? followed.getStore() : undefined);
}

/**
 * The allocator of the scope that the code runs in, through calls and `await`s: that of the innermost {@link withArena},
 * {@link withManual}, {@link withAuto} or {@link withAllocator}, and outside of all that of the default strategy (see
 * {@link configure}).
 *
 * The allocator belongs to its scope: what is kept of it longer finds it disposed.
 *
 * @example
 * ```ts
 * import { currentAllocator, withArena } from 'freehold';
 * import assert from 'node:assert';
 *
 * function pad(text: string): Buffer {
 *   const block = currentAllocator().alloc(16); // whatever the caller has chosen
 *   block.write(text);
 *   return block;
 * }
 *
 * const line = withArena((arena) => {
 *   const padded = pad('abc');
 *   assert(arena.owns(padded));
 *   return padded.toString('latin1');
 * });
 * assert.equal(line.length, 16);
 * ```
 */
export function currentAllocator(): BlockAllocator {
  return insideAllocator ?? outsideAllocator();
}

function outsideAllocator(): BlockAllocator {
  return currentScope()?.allocator ?? defaultAllocator();
}

/** The strategy of the scope that the code runs in; outside of all, the default one. */
export function currentStrategy(): Strategy {
  return currentScope()?.strategy ?? defaultStrategy();
}

/** What is called in a scope. */
export type Body = (this: unknown, ...rest: never[]) => unknown;

/** Calls `body` in `scope`. Followed through its `await`s when `follow`. */
export function enter(
  scope: Ambient,
  follow: boolean,
  receiver: unknown,
  body: Body,
  rest: unknown[],
): unknown {
  if (!follow) return call(scope, receiver, body, rest);
  follows = true;
  return followed.run(scope, call, scope, receiver, body, rest);
}

function call(scope: Ambient, receiver: unknown, body: Body, rest: unknown[]): unknown {
  const before = inside;
  const allocatorBefore = insideAllocator;
  inside = scope;
  insideAllocator = scope.allocator;
  try {
    return Reflect.apply(body, receiver, rest);
  } finally {
    inside = before;
    insideAllocator = allocatorBefore;
  }
}

/** How a scope ends. */
export interface Ending {
  /** With what `body` has returned; returns what the caller gets. */
  finish(result: unknown): unknown;
  /** `body` has thrown. */
  fail(): void;
}

/**
 * Runs `body` in a scope and ends that when `body` has returned or thrown, or when its promise is settled. `follow`: whether
 * it is async, where that cannot be seen.
 */
export function runScope(
  scope: Ambient,
  ending: Ending,
  follow: boolean | undefined,
  receiver: unknown,
  body: Body,
  rest: unknown[],
): unknown {
  let isFollowed: boolean;
  let result: unknown;
  let isPending: boolean;
  try {
    const isSeen = isAsync(body);
    isFollowed = follow ?? isSeen;
    result = enter(scope, isFollowed, receiver, body, rest);
    isPending = isThenable(result);
  } catch (error) {
    ending.fail();
    throw error;
  }
  if (!isPending) return ending.finish(result);
  const settled = Promise.resolve(result).then(
    (value: unknown) => ending.finish(value),
    (error: unknown) => {
      ending.fail();
      throw error;
    },
  );
  if (isFollowed) return settled;
  settled.catch(() => undefined); // What is thrown below says what is wrong.
  throw notFollowed();
}

// The prototype first: to ask the engine is a call of C++.
function isAsync(body: Body): boolean {
  if (Object.getPrototypeOf(body) === Function.prototype) return false;
  if (types.isGeneratorFunction(body)) throw generatorRefused('the function of a scope');
  return types.isAsyncFunction(body);
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}

/** What is thrown for a generator, which would run when its scope is over. */
export function generatorRefused(what: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${what} is a generator: what it does is done by whoever iterates, when the scope is over; ` +
      'open a scope in the function that iterates',
  );
}

function notFollowed(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    'the function of a scope is not async but has returned a promise, whose work would not find the scope after its first ' +
      'await; write `async () => …`, or pass { async: true }',
  );
}
