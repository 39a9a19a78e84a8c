import type { Memory } from './memory.ts';

/** Puts a value, which was checked, where it belongs. Runs nothing of the program's. */
export type Put = (memory: Memory, at: number, value: never) => void;

/**
 * Values that were checked and are about to be written. Reading what a program passes may run anything: getters, iterators. So all
 * is read before it is asked whether the memory is there, and nothing is written when a part is refused.
 */
export class Plan {
  readonly #puts: Put[] = [];
  readonly #offsets: number[] = [];
  readonly #values: unknown[] = [];
  #count = 0;

  // The one that was run last: its lists are there already.
  static #spare: Plan | null = null;

  /** A plan without values, which nobody else has: getters may come here while one is made. */
  static begin(): Plan {
    const plan = Plan.#spare ?? new Plan();
    Plan.#spare = null;
    return plan;
  }

  add(put: Put, offset: number, value: unknown): void {
    const next = this.#count++;
    this.#puts[next] = put;
    this.#offsets[next] = offset;
    this.#values[next] = value;
  }

  /** Writes all into memory that is there. The plan must not be used any more. */
  run(memory: Memory, at: number): void {
    const count = this.#count;
    for (let each = 0; each < count; each++) {
      this.#puts[each](memory, at + this.#offsets[each], this.#values[each] as never);
      this.#values[each] = undefined;
    }
    this.#count = 0;
    // A large one would be kept for nothing.
    if (count <= 64) Plan.#spare = this;
  }
}
