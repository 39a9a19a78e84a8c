// bad: no-leak 5
import { allocate } from 'freehold';

class Session {
  #buffer = allocate(64);

  write(text) {
    this.#buffer.write(text);
  }
}

new Session().write('x');
