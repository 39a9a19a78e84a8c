// bad: no-arena-escape 8
import { Arena } from 'freehold';

let last: Buffer | undefined;

function render(text: string): void {
  using arena = new Arena();
  last = arena.string(text);
}

render('x');
last?.write('y');
