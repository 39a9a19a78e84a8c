// bad: no-arena-escape 8
import { Arena } from 'freehold';

const cache = new Map<string, Buffer>();

function render(text: string): void {
  using arena = new Arena();
  cache.set(text, arena.string(text));
}

render('x');
cache.get('x')?.write('y');
