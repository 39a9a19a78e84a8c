// bad: no-use-after-free 9
import { allocate, free } from 'freehold';

function run(done) {
  const block = allocate(8);
  if (done) {
    free(block);
  }
  block.fill(1);
  if (!done) free(block);
}

run(true);
