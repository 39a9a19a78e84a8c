// bad: no-arena-escape 8
import { Arena } from 'freehold';

const arena = new Arena();
const lines = [];

function frame(text) {
  lines.push(arena.string(text));
  arena.reset();
}

frame('x');
lines[0].write('y');
