// bad: no-leak 5
import * as memory from 'freehold';

function run() {
  const block = memory.allocate(8);
  block.fill(1);
}

run();
