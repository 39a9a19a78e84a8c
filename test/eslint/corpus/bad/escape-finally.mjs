// bad: no-arena-escape 7
import { Arena } from 'freehold';

function render(text) {
  const arena = new Arena();
  try {
    return arena.string(text);
  } finally {
    arena.dispose();
  }
}

render('x').write('y');
