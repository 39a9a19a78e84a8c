import { inspect } from 'node:util';

import { FreeholdError } from './errors.ts';
import { describe, wrongReceiverOf } from './validate.ts';

let held = 0;

/** Pins of this thread that were taken and not released. */
export function pinsHeld(): number {
  return held;
}

/** How many pins hold one epoch of an allocator's memory. An epoch that was orphaned leaves its count behind. */
export class PinCount {
  count = 0;

  /** A pin more. */
  hold(): void {
    this.count++;
    held++;
  }

  /** A pin less. */
  letGo(): void {
    this.count--;
    held--;
  }
}

/**
 * Holds memory against `reset`, `rewind` and dispose while native code works on it. Release it when that is done: with
 * `using`, or by `release()`, which may be called more than once.
 *
 * @example
 * ```ts
 * import { Arena } from 'freehold';
 * import { randomFill } from 'node:crypto';
 * import { promisify } from 'node:util';
 *
 * using arena = new Arena();
 * const block = arena.allocUnsafe(1024);
 * {
 *   using pin = block.pin();
 *   await promisify(randomFill)(block);
 * }
 * arena.reset(); // with the pin still held: ERR_FREEHOLD_PINNED
 * ```
 */
export class Pin implements Disposable {
  #held: PinCount | null;

  /** @internal */
  constructor(count: PinCount) {
    if (!(count instanceof PinCount)) {
      throw new FreeholdError(
        'ERR_FREEHOLD_INVALID_ARGUMENT',
        `pins are made by pin(), not with new, and not of ${describe(count)}`,
      );
    }
    count.hold();
    this.#held = count;
  }

  /** Lets go. Further calls do nothing. */
  release(): void {
    Pin.#checked(this);
    if (this.#held === null) return;
    const count = this.#held;
    this.#held = null;
    count.letGo();
  }

  /** The same as {@link Pin.release}. */
  [Symbol.dispose](): void {
    Pin.#checked(this).release();
  }

  /** Whether the pin still holds, for logs. */
  toJSON(): { held: boolean } {
    return { held: Pin.#checked(this).#held !== null };
  }

  [inspect.custom](): string {
    return `Pin { ${Pin.#checked(this).#held === null ? 'released' : 'held'} }`;
  }

  static #checked(value: Pin): Pin {
    if (typeof value === 'object' && value !== null && #held in value) return value;
    throw wrongReceiverOf('Pin', value);
  }
}
