// bad: no-arena-escape 9
import { Arena } from 'freehold';

class Renderer {
  line: Buffer | undefined;

  render(text: string): void {
    using arena = new Arena();
    this.line = arena.string(text);
  }
}

const renderer = new Renderer();
renderer.render('x');
renderer.line?.write('y');
