// bad: no-use-after-free 8
import { Arena } from 'freehold';

function run() {
  const arena = new Arena();
  const block = arena.alloc(8);
  arena.dispose();
  block.fill(1);
}

run();
