// good
import { allocate, free } from 'freehold';

function run() {
  let block = allocate(8);
  block.fill(1);
  free(block);
  block = allocate(16);
  block.fill(2);
  free(block);
}

run();
