// bad: no-double-free 10
import { allocate, free } from 'freehold';

class Page {
  #block = allocate(8);

  close() {
    free(this.#block);
    this.done = true;
    free(this.#block);
  }
}

new Page().close();
