// bad: no-leak 10
import { Heap, owned } from 'freehold';

const heap = new Heap();

class Slot {
  #page = null;

  open() {
    this.#page = owned(heap, 16);
    this.#page.value.fill(1);
  }
}

new Slot().open();
