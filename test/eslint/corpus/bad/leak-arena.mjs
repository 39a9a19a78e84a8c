// bad: no-leak 7
import { Arena } from 'freehold';

const kept = [];

function render(text) {
  const arena = new Arena();
  const line = arena.alloc(64);
  line.write(text);
  kept.push(new WeakRef(line));
  return line.toString('latin1', 0, text.length);
}

render('x');
