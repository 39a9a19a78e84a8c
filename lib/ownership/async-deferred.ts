import { inspect } from 'node:util';

import { checkFunction, wrongReceiverOf } from '../validate.ts';

/** A function that runs at the end of a scope and is awaited there. Made by {@link deferAsync}. */
export class AsyncDeferred implements AsyncDisposable {
  #cleanup: (() => PromiseLike<void> | void) | null;

  /** The same as {@link deferAsync}. */
  constructor(cleanup: () => PromiseLike<void> | void) {
    checkFunction(cleanup, 'cleanup');
    this.#cleanup = cleanup;
  }

  /** Whether it has still to run. */
  get pending(): boolean {
    return AsyncDeferred.#checked(this).#cleanup !== null;
  }

  /** It will not run any more. */
  cancel(): void {
    AsyncDeferred.#checked(this).#cleanup = null;
  }

  /** Runs it, if it has not run and was not cancelled. */
  async [Symbol.asyncDispose](): Promise<void> {
    const cleanup = AsyncDeferred.#checked(this).#cleanup;
    if (cleanup === null) return;
    this.#cleanup = null; // First: it may come here again.
    await cleanup();
  }

  /** Whether it has still to run, for logs. */
  toJSON(): { pending: boolean } {
    return { pending: AsyncDeferred.#checked(this).pending };
  }

  [inspect.custom](): string {
    return `AsyncDeferred { ${AsyncDeferred.#checked(this).pending ? 'pending' : 'done'} }`;
  }

  static #checked(value: AsyncDeferred): AsyncDeferred {
    if (typeof value === 'object' && value !== null && #cleanup in value) return value;
    throw wrongReceiverOf('AsyncDeferred', value);
  }
}
