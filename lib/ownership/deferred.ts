import { inspect } from 'node:util';

import { checkFunction, wrongReceiverOf } from '../validate.ts';

/** A function that runs at the end of a scope. Made by {@link defer}. */
export class Deferred implements Disposable {
  #cleanup: (() => void) | null;

  /** The same as {@link defer}. */
  constructor(cleanup: () => void) {
    checkFunction(cleanup, 'cleanup');
    this.#cleanup = cleanup;
  }

  /** Whether it has still to run. */
  get pending(): boolean {
    return Deferred.#checked(this).#cleanup !== null;
  }

  /** It will not run any more. */
  cancel(): void {
    Deferred.#checked(this).#cleanup = null;
  }

  /** Runs it, if it has not run and was not cancelled. */
  [Symbol.dispose](): void {
    const cleanup = Deferred.#checked(this).#cleanup;
    if (cleanup === null) return;
    this.#cleanup = null; // First: it may come here again.
    cleanup();
  }

  /** Whether it has still to run, for logs. */
  toJSON(): { pending: boolean } {
    return { pending: Deferred.#checked(this).pending };
  }

  [inspect.custom](): string {
    return `Deferred { ${Deferred.#checked(this).pending ? 'pending' : 'done'} }`;
  }

  static #checked(value: Deferred): Deferred {
    if (typeof value === 'object' && value !== null && #cleanup in value) return value;
    throw wrongReceiverOf('Deferred', value);
  }
}
