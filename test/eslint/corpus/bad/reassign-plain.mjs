// bad: no-reassign-owned 7
import { allocate, free } from 'freehold';

function run() {
  let block = allocate(8);
  block.fill(1);
  block = allocate(16);
  free(block);
}

run();
