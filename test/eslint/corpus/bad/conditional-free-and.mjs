// bad: no-conditional-free 6
import { allocate, free } from 'freehold';

function run(done) {
  const block = allocate(8);
  done && free(block);
}

run(false);
