import type { DisposedBlock } from './rc-options.ts';

type Callback = (block: DisposedBlock) => void;

/** The callbacks of blocks that are to be told of their death, by handle. */
export class RcDisposals {
  readonly #callbacks = new Map<number, { byteLength: number; callbacks: Callback[] }>();
  readonly #dead: { block: DisposedBlock; callbacks: Callback[] }[] = [];
  #calling = false;

  /** Whether a block has a callback. */
  has(handle: number): boolean {
    return this.#callbacks.has(handle);
  }

  add(handle: number, byteLength: number, callback: Callback): void {
    const found = this.#callbacks.get(handle);
    if (found === undefined) this.#callbacks.set(handle, { byteLength, callbacks: [callback] });
    else found.callbacks.push(callback);
  }

  /** A block has moved: what was to be called for the one is for the other. */
  move(from: number, to: number): boolean {
    const found = this.#callbacks.get(from);
    if (found === undefined) return false;
    this.#callbacks.delete(from);
    this.#callbacks.set(to, found);
    return true;
  }

  /** A block has died; its handle may be another's from now on. */
  died(handle: number): void {
    const found = this.#callbacks.get(handle);
    if (found === undefined) return;
    this.#callbacks.delete(handle);
    this.#dead.push({ block: { handle, byteLength: found.byteLength }, callbacks: found.callbacks });
  }

  /** All have. */
  allDied(): void {
    for (const handle of [...this.#callbacks.keys()]) this.died(handle);
  }

  /**
   * Calls what is to be called. What callbacks free is called for by the call that is under way, not by one inside of it. What
   * they throw is thrown when all were called: the error itself, or an AggregateError of several.
   */
  call(): void {
    if (this.#calling) return;
    const errors: unknown[] = [];
    this.#calling = true;
    try {
      for (let dead = this.#dead.shift(); dead !== undefined; dead = this.#dead.shift()) {
        for (const callback of dead.callbacks) {
          try {
            callback(dead.block);
          } catch (error) {
            errors.push(error);
          }
        }
      }
    } finally {
      this.#calling = false;
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1)
      throw new AggregateError(errors, `${errors.length} callbacks of disposed blocks have thrown`);
  }
}
