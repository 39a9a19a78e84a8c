// bad: no-leak 10
import { Heap } from 'freehold';

const heap = new Heap();

class Session {
  #buffer;

  constructor(size) {
    this.#buffer = heap.alloc(size);
  }

  get first() {
    return this.#buffer[0];
  }
}

new Session(8).first;
