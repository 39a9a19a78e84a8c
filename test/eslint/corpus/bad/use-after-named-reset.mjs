// bad: no-use-after-free 9
import { createArena, getArena, resetArena } from 'freehold';

createArena('level');

function run() {
  const block = getArena('level').alloc(8);
  resetArena('level');
  block.fill(1);
}

run();
