import { Owned } from './owned.ts';
import type { Owner } from './owner.ts';
import { suppress } from './suppressed-error.ts';

// What a function took and has not moved on, released or disposed when it fails.

/**
 * Ends what is left of what a function took that threw `error`, the last first. What only ends asynchronously is begun to
 * end, and its failure is an unhandled rejection: nobody is there to await it.
 *
 * @returns what is to be thrown.
 */
export function endLeftovers(taken: readonly Owner<unknown>[], error: unknown): unknown {
  let thrown = error;
  for (let index = taken.length - 1; index >= 0; index--) {
    const handle = taken[index];
    try {
      if (handle instanceof Owned) handle[Symbol.dispose]();
      else void handle[Symbol.asyncDispose]();
    } catch (another) {
      thrown = suppress(another, thrown);
    }
  }
  return thrown;
}

/** What a promise becomes that is rejected only when what is left has ended too. */
export async function endLeftoversAsync<R>(
  result: PromiseLike<R>,
  taken: readonly Owner<unknown>[],
): Promise<R> {
  try {
    return await result;
  } catch (error) {
    let thrown: unknown = error;
    for (let index = taken.length - 1; index >= 0; index--) {
      try {
        await taken[index][Symbol.asyncDispose]();
      } catch (another) {
        thrown = suppress(another, thrown);
      }
    }
    throw thrown;
  }
}
