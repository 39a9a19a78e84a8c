// bad: no-double-free 12
import { allocate, free } from 'freehold';

function close(block) {
  block.fill(0);
  free(block);
}

function run() {
  const block = allocate(8);
  close(block);
  free(block);
}

run();
