import { inspect } from 'node:util';

import type { Rc } from './rc.ts';
import type { RcHeap } from './rc-heap.ts';
import { wrongReceiverOf } from './validate.ts';

/**
 * A reference that does not keep its block alive. It is dead exactly when the block is, also when another block has its place.
 *
 * @example
 * ```ts
 * import { RcHeap } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new RcHeap();
 * const block = heap.alloc(100);
 * const weak = block.weak();
 * {
 *   using again = weak.upgrade();
 *   assert(again !== null && again.handle === block.handle);
 * }
 * block.release();
 * assert.equal(weak.upgrade(), null);
 * ```
 */
export class Weak {
  readonly #heap: RcHeap;
  readonly #weak: number;

  /** @internal */
  constructor(heap: RcHeap, weak: number) {
    this.#heap = heap;
    this.#weak = weak;
  }

  /** An `Rc` of the block, which the caller owns; null when the block is dead. */
  upgrade(): Rc | null {
    const { heap, weak } = Weak.#checked(this);
    const handle = heap.disposed ? 0 : heap.upgrade(weak);
    return handle === 0 ? null : heap.adopt(handle);
  }

  /** Whether the block lives. */
  get alive(): boolean {
    return Weak.#isAlive(this);
  }

  /** Whether the block lives, for logs. */
  toJSON(): { alive: boolean } {
    return { alive: Weak.#isAlive(this) };
  }

  [inspect.custom](): string {
    return `Weak { ${Weak.#isAlive(this) ? 'alive' : 'dead'} }`;
  }

  static #isAlive(value: Weak): boolean {
    const { heap, weak } = Weak.#checked(value);
    return !heap.disposed && heap.isAlive(weak);
  }

  static #checked(value: Weak): { heap: RcHeap; weak: number } {
    if (typeof value === 'object' && value !== null && #weak in value)
      return { heap: value.#heap, weak: value.#weak };
    throw wrongReceiverOf('Weak', value);
  }
}
