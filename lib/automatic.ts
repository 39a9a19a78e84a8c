import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';

import { AutomaticAllocator, keptBy, scopeOf, takeOver } from './automatic-allocator.ts';
import { defaultRcHeap } from './default-rc-heap.ts';
import { FreeholdError } from './errors.ts';
import { RcHeap } from './rc-heap.ts';
import { type Rc, isRc } from './rc.ts';
import { checkFunction, describe, readOptions } from './validate.ts';

/** The scope that runs now, through promises too. */
const current = new AsyncLocalStorage<AutomaticAllocator>();

/** How {@link auto} works. */
export interface AutoOptions {
  /** Where blocks come from. Default: `defaultRcHeap()`. */
  heap?: RcHeap;
}

/**
 * Runs `body` with an allocator of its own, and releases at its end what that has handed out and nobody has taken: neither
 * {@link keep}, nor the result of `body` (a block, or an array of blocks), nor a block that lives on and refers to it.
 *
 * What is kept is the caller's, who releases it; inside of another `auto` it is that one's, and is released at its end. A
 * promise ends the scope when it is settled.
 *
 * @returns what `body` returns.
 * @throws what `body` throws: then everything is released but what was kept.
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
  const { heap = defaultRcHeap() } = readOptions(options, ['heap'], 'auto');
  if (!(heap instanceof RcHeap)) {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `heap must be an RcHeap, but is ${describe(heap)}`,
    );
  }
  const outer = current.getStore();
  const scope = new AutomaticAllocator(heap);
  let result: T;
  try {
    result = current.run(scope, body, scope);
  } catch (error) {
    end(scope, outer, undefined);
    throw error;
  }
  if (!types.isPromise(result)) {
    end(scope, outer, result);
    return result;
  }
  // A promise of another kind than `Promise` is made one: its `then` is the program's.
  return Promise.resolve(result).then(
    (value: unknown) => {
      end(scope, outer, value);
      return value;
    },
    (error: unknown) => {
      end(scope, outer, undefined);
      throw error;
    },
  ) as T;
}

/**
 * Keeps a block that {@link auto} has handed out: its end does not release it.
 *
 * @returns the block, which the caller owns.
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no block of a scope that has not ended.
 */
export function keep<T extends Rc>(block: T): T {
  const scope = scopeOf(block);
  if (scope === undefined) {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `${describe(block)} is not a block that an open scope of auto() has handed out`,
    );
  }
  return scope.keep(block);
}

/** Ends a scope. What its body returned or kept is from now on the outer one's, or the caller's. */
function end(scope: AutomaticAllocator, outer: AutomaticAllocator | undefined, result: unknown): void {
  for (const value of Array.isArray(result) ? (result as unknown[]) : [result])
    if (isRc(value) && scopeOf(value) === scope) scope.keep(value);
  const kept = keptBy(scope);
  scope.dispose();
  if (outer !== undefined && !outer.disposed) for (const block of kept) takeOver(outer, block);
}
