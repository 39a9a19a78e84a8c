// good
import { Heap } from 'freehold';

const heap = new Heap();

class Session {
  constructor(size) {
    this.buffer = heap.alloc(size);
    this.other = heap.alloc(size);
  }

  dispose() {
    heap.free(this.buffer);
    heap.free(this.other);
  }
}

new Session(8).dispose();
