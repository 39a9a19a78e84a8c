// bad: no-use-after-free 7
import { allocate, free } from 'freehold';

function run() {
  const block = allocate(8);
  free(block);
  block.write('x');
}

run();
