// bad: no-arena-escape 7
import { Arena } from 'freehold';

function render(text: string): Buffer {
  using arena = new Arena();
  const line = arena.string(text);
  return line.subarray(0, 1);
}

render('xy').write('y');
