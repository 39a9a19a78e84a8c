// good
import { Arena } from 'freehold';

class Renderer {
  #arena = new Arena();

  render(text) {
    this.line = this.#arena.string(text);
    const { length } = this.line;
    this.line = null;
    this.#arena.reset();
    return length;
  }

  close() {
    this.#arena.dispose();
  }
}

const renderer = new Renderer();
renderer.render('x');
renderer.close();
