// bad: no-reassign-owned 7
import { allocate } from 'freehold';

function run() {
  let block = allocate(8);
  block.fill(1);
  block = null;
  return block;
}

run();
