// bad: no-leak 8
import { Heap } from 'freehold';

class Encoder {
  readonly #heap = new Heap();

  encode(text: string): number {
    const out = this.#heap.alloc(text.length);
    return out.write(text);
  }

  [Symbol.dispose](): void {
    this.#heap.dispose();
  }
}

const encoder = new Encoder();
encoder.encode('abc');
