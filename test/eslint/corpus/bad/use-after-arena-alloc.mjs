// bad: no-use-after-free 7
import { Arena } from 'freehold';

function run() {
  const arena = new Arena();
  arena.dispose();
  arena.alloc(8);
}

run();
