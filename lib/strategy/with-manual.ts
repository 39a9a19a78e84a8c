import type { BlockAllocator } from '../block-allocator.ts';
import { defaultHeap } from '../default-heap.ts';
import { checkFunction, readOptions } from '../validate.ts';
import type { Body } from './ambient.ts';
import { type AmbientOptions, checkFollow } from './ambient-options.ts';
import { checkAllocator, runWithAllocator } from './with-allocator.ts';

/** Options of {@link withManual} and {@link manualMemory}. */
export interface ManualScopeOptions extends AmbientOptions {
  /** Where blocks come from, which stays the caller's. Default: {@link defaultHeap}. */
  heap?: BlockAllocator;
}

/** Options that were read and checked. */
export interface ManualScopeSettings {
  readonly follow: boolean | undefined;
  /** Undefined for the default one of the moment. */
  readonly heap: BlockAllocator | undefined;
}

const USUAL: ManualScopeSettings = { follow: undefined, heap: undefined };

/** Checks options once, for a scope that is entered often. */
export function readManualScope(options: ManualScopeOptions | undefined, of: string): ManualScopeSettings {
  if (options === undefined) return USUAL;
  const { heap, async: follow } = readOptions(options, ['heap', 'async'], of);
  if (heap !== undefined) checkAllocator(heap);
  return { heap, follow: checkFollow(follow) };
}

/** Runs a function in a scope over the heap. */
export function runWithManual(
  settings: ManualScopeSettings,
  receiver: unknown,
  body: Body,
  rest?: unknown[],
): unknown {
  const heap = settings.heap ?? defaultHeap();
  return runWithAllocator(heap, settings.follow, receiver, body, rest ?? [heap]);
}

/**
 * Runs `body` with a heap as {@link currentAllocator}: each block lives until it is freed, in `body` or long after.
 *
 * @returns what `body` returns. Blocks are the caller's, to be given back with `free` or dispose.
 * @throws what `body` throws; `ERR_FREEHOLD_INVALID_ARGUMENT` when `body` is no async function and returns a promise, without
 * the option `async`.
 *
 * @example
 * ```ts
 * import { currentAllocator, free, withManual } from 'freehold';
 * import assert from 'node:assert';
 *
 * const table = withManual(() => {
 *   const scratch = currentAllocator().alloc(100);
 *   const result = currentAllocator().alloc(256);
 *   free(scratch);
 *   return result;
 * });
 * assert.equal(table.length, 256);
 * free(table);
 * ```
 */
export function withManual<T>(body: (heap: BlockAllocator) => T, options?: ManualScopeOptions): T {
  checkFunction(body, 'body');
  return runWithManual(readManualScope(options, 'withManual'), undefined, body) as T;
}
