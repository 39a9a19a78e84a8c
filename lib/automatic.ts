import { AutomaticAllocator, keptBy, scopeOf, takeOver } from './automatic-allocator.ts';
import type { CowArray } from './collections/cow-array.ts';
import { heldBy } from './collections/held-by.ts';
import type { List } from './collections/list.ts';
import type { RcString } from './collections/rc-string.ts';
import { defaultRcHeap } from './default-rc-heap.ts';
import { FreeholdError } from './errors.ts';
import { RcHeap } from './rc-heap.ts';
import { type Rc, isRc } from './rc.ts';
import { type Ambient, type Body, type Ending, currentScope, runScope } from './strategy/ambient.ts';
import { forEachMemory } from './strategy/escape.ts';
import { type AmbientOptions, checkFollow } from './strategy/ambient-options.ts';
import { checkFunction, describe, readOptions } from './validate.ts';

/** How {@link auto} works. */
export interface AutoOptions extends AmbientOptions {
  /** Where blocks come from. Default: `defaultRcHeap()`. */
  heap?: RcHeap;
}

/** Options that were read and checked. */
export interface AutoScopeSettings {
  readonly follow: boolean | undefined;
  /** Undefined for the default one of the moment. */
  readonly heap: RcHeap | undefined;
}

const USUAL: AutoScopeSettings = { follow: undefined, heap: undefined };

/** One scope: what is ambient in it, and how it ends. */
class AutoScope implements Ambient, Ending {
  readonly allocator: AutomaticAllocator;
  readonly strategy = 'automatic';
  readonly #outer = currentScope()?.allocator;

  constructor(heap: RcHeap) {
    this.allocator = new AutomaticAllocator(heap);
  }

  /** What the body returned or kept is from now on the outer scope's, if that is automatic too, or the caller's. */
  finish(result: unknown): unknown {
    const scope = this.allocator;
    const keepIn = (value: object): void => {
      keepOf(value, scope);
    };
    try {
      if (!scope.disposed) forEachMemory(result, keepIn);
    } finally {
      this.fail();
    }
    return result;
  }

  fail(): void {
    const kept = keptBy(this.allocator);
    this.allocator.dispose();
    const outer = this.#outer;
    if (!(outer instanceof AutomaticAllocator) || outer.disposed) return;
    for (const block of kept) takeOver(outer, block);
  }
}

/** Checks options once, for a scope that is entered often. */
export function readAutoScope(options: AutoOptions | undefined, of: string): AutoScopeSettings {
  if (options === undefined) return USUAL;
  const { heap, async: follow } = readOptions(options, ['heap', 'async'], of);
  if (heap !== undefined && !(heap instanceof RcHeap)) {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `heap must be an RcHeap, but is ${describe(heap)}`,
    );
  }
  return { heap, follow: checkFollow(follow) };
}

/** Runs a function in a scope of its own. */
export function runWithAuto(
  settings: AutoScopeSettings,
  receiver: unknown,
  body: Body,
  rest?: unknown[],
): unknown {
  const scope = new AutoScope(settings.heap ?? defaultRcHeap());
  return runScope(scope, scope, settings.follow, receiver, body, rest ?? [scope.allocator]);
}

/**
 * Runs `body` with an allocator of its own, which is {@link currentAllocator} in it, and releases at its end what that has
 * handed out and nobody has taken: neither {@link keep}, nor the result of `body` (blocks, strings, lists and arrays,
 * alone or in JavaScript's arrays and plain objects to any depth), nor a block that lives on and refers to it.
 *
 * What is kept is the caller's, who releases it; inside of another `auto` it is that one's, and is released at its end. A
 * promise ends the scope when it is settled. `withAuto` is the same function.
 *
 * @returns what `body` returns.
 * @throws what `body` throws: then everything is released but what was kept. `ERR_FREEHOLD_INVALID_ARGUMENT` when `body` is no
 * async function and returns a promise, without the option `async`.
 *
 * @example
 * ```ts
 * import { RcHeap, auto } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new RcHeap();
 * const line = auto((memory) => {
 *   const scratch = memory.alloc(1000); // released below
 *   scratch.write('result');
 *   return memory.copy(scratch.subarray(0, 6)); // the caller's
 * }, { heap });
 * assert.equal(line.toString(), 'result');
 * assert.equal(heap.stats().blocks, 1);
 * ```
 */
export function auto<T>(body: (memory: AutomaticAllocator) => T, options?: AutoOptions): T {
  checkFunction(body, 'body');
  return runWithAuto(readAutoScope(options, 'auto'), undefined, body) as T;
}

/** The same as {@link auto}, by the name that it has among the strategies. */
export const withAuto: typeof auto = auto;

/**
 * Keeps a block that {@link auto} has handed out, or a string, list or array that was made in its memory: its end does not
 * release it.
 *
 * @returns the same, which the caller owns.
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is not of a scope that has not ended.
 */
export function keep<T extends Rc | RcString | List | CowArray>(kept: T): T {
  if (keepOf(kept, undefined)) return kept;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${describe(kept)} is not a block, string, list or array that an open scope of auto() has handed out`,
  );
}

/** Keeps what is of `scope`, or with undefined of any that is open. Whether it was. */
function keepOf(value: unknown, scope: AutomaticAllocator | undefined): boolean {
  const held = heldBy(value);
  const block = held === undefined ? value : held.block;
  const owner = isRc(block) ? scopeOf(block) : undefined;
  if (owner === undefined || (scope !== undefined && owner !== scope)) return false;
  owner.keep(block as Rc);
  held?.outlast();
  return true;
}
