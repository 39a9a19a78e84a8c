// good
import { Heap } from 'freehold';

const heap = new Heap();

class Cache {
  #blocks = new Map();

  get(key) {
    let block = this.#blocks.get(key);
    if (block !== undefined) {
      this.#blocks.delete(key);
    } else {
      if (this.#blocks.size > 1) {
        const [oldest] = this.#blocks.keys();
        heap.free(this.#blocks.get(oldest));
        this.#blocks.delete(oldest);
      }
      block = heap.string(key);
    }
    this.#blocks.set(key, block);
    return block;
  }

  clear() {
    for (const block of this.#blocks.values()) heap.free(block);
    this.#blocks.clear();
  }
}

const cache = new Cache();
for (const key of ['a', 'b', 'a', 'c']) cache.get(key);
cache.clear();
