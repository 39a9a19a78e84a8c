/** Below so many entries nobody looks for those that were collected. */
const FIRST_SWEEP = 64;

/** Objects that are neither removed nor collected, without keeping any alive. */
export class LiveSet<T extends object> {
  readonly #refs = new Set<WeakRef<T>>();
  #sweepAt = FIRST_SWEEP;

  /** Adds an object. The result removes it again. */
  add(object: T): WeakRef<T> {
    if (this.#refs.size >= this.#sweepAt) {
      const live = this.list().length;
      this.#sweepAt = Math.max(FIRST_SWEEP, 2 * live);
    }
    const ref = new WeakRef(object);
    this.#refs.add(ref);
    return ref;
  }

  remove(ref: WeakRef<T>): void {
    this.#refs.delete(ref);
  }

  /** Those that live now. */
  list(): T[] {
    const live: T[] = [];
    for (const ref of this.#refs) {
      const object = ref.deref();
      if (object === undefined) this.#refs.delete(ref);
      else live.push(object);
    }
    return live;
  }
}
