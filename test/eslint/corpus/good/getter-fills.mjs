// good
import { Arena } from 'freehold';

class Frame {
  #arena = new Arena();

  get scratch() {
    return this.#arena.alloc(64);
  }

  end() {
    this.#arena.dispose();
  }
}

const frame = new Frame();
frame.scratch.fill(1);
frame.end();
