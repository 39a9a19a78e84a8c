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

  add(put: Put, offset: number, value: unknown): void {
    const next = this.#puts.length;
    this.#puts[next] = put;
    this.#offsets[next] = offset;
    this.#values[next] = value;
  }

  /** Writes all into memory that is there. */
  run(memory: Memory, at: number): void {
    for (let each = 0; each < this.#puts.length; each++)
      this.#puts[each](memory, at + this.#offsets[each], this.#values[each] as never);
  }
}
