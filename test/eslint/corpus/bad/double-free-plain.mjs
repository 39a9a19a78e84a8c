// bad: no-double-free 7
import { allocate, free } from 'freehold';

function run() {
  const block = allocate(8);
  free(block);
  free(block);
}

run();
