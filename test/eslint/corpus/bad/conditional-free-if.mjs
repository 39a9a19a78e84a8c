// bad: no-conditional-free 7
import { allocate, free } from 'freehold';

function run(done) {
  const block = allocate(8);
  block.fill(1);
  if (done) free(block);
}

run(false);
