// bad: no-arena-escape 7
import { Arena } from 'freehold';

function render(text: string): Buffer {
  using arena = new Arena();
  const line = arena.string(text);
  return line;
}

render('x').write('y');
