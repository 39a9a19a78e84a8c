// good
import { allocate, free } from 'freehold';

class Session {
  #buffer = allocate(64);

  write(text) {
    this.#buffer.write(text);
  }

  close() {
    free(this.#buffer);
  }
}

const session = new Session();
session.write('x');
session.close();
