import { Arena } from '../arena.ts';
import { AutomaticAllocator } from '../automatic-allocator.ts';
import { BlockAllocator } from '../block-allocator.ts';
import { FreeholdError } from '../errors.ts';
import { RcHeap } from '../rc-heap.ts';
import { checkFunction, describe, readOptions } from '../validate.ts';
import { type Ambient, type Body, type Ending, runScope } from './ambient.ts';
import { type AmbientOptions, checkFollow } from './ambient-options.ts';
import type { Strategy } from './strategies.ts';

/** A scope that ends nothing. */
const NOTHING: Ending = { finish: (result) => result, fail: () => undefined };

/** Runs a function in a scope over an allocator that outlives it. */
export function runWithAllocator(
  allocator: BlockAllocator,
  follow: boolean | undefined,
  receiver: unknown,
  body: Body,
  rest: unknown[],
): unknown {
  const scope: Ambient = { allocator, strategy: strategyOf(allocator) };
  return runScope(scope, NOTHING, follow, receiver, body, rest);
}

/**
 * Runs `body` with `allocator` as {@link currentAllocator}, through its `await`s when it is async. Nothing is freed at the end,
 * and nothing copied: the allocator is the caller's.
 *
 * @returns what `body` returns.
 * @throws what `body` throws; `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no allocator of this package, and when
 * `body` is no async function and returns a promise, without the option `async`.
 *
 * @example
 * ```ts
 * import { Arena, currentAllocator, limited, withAllocator } from 'freehold';
 * import assert from 'node:assert';
 *
 * using frame = new Arena();
 * withAllocator(limited(frame, 1000), () => {
 *   assert.equal(currentAllocator().tryAlloc(2000), null);
 * });
 * ```
 */
export function withAllocator<A extends BlockAllocator, T>(
  allocator: A,
  body: (allocator: A) => T,
  options?: AmbientOptions,
): T {
  checkAllocator(allocator);
  checkFunction(body, 'body');
  const { async: follow } = readOptions(options, ['async'], 'withAllocator');
  return runWithAllocator(allocator, checkFollow(follow), undefined, body, [allocator]) as T;
}

/** An allocator of this package, for its `string`, `array` and the like. */
export function checkAllocator(value: unknown): void {
  if (value instanceof BlockAllocator) return;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `allocator must be one of this package (other allocators: wrap them, for example with tracking()), but is ${describe(value)}`,
  );
}

function strategyOf(allocator: BlockAllocator): Strategy {
  if (allocator instanceof Arena) return 'arena';
  return allocator instanceof RcHeap || allocator instanceof AutomaticAllocator ? 'automatic' : 'manual';
}
