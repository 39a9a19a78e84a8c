// bad: no-arena-escape 6
import { Arena } from 'freehold';

function render(text: string): { line: Buffer } {
  using arena = new Arena();
  return { line: arena.string(text) };
}

render('x').line.write('y');
