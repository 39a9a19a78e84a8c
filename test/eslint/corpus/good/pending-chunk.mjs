// good
import { allocate, free } from 'freehold';

class Lines {
  #pending = null;

  push(chunk) {
    const { length } = chunk;
    if (this.#pending === null) {
      this.#pending = allocate(length);
      this.#pending.set(chunk);
      return;
    }
    const joined = allocate(this.#pending.length + length);
    joined.set(this.#pending);
    joined.set(chunk, this.#pending.length);
    free(this.#pending);
    this.#pending = joined;
  }

  end() {
    if (this.#pending !== null) free(this.#pending);
    this.#pending = null;
  }
}

const lines = new Lines();
lines.push(Buffer.from('a'));
lines.push(Buffer.from('b'));
lines.end();
