// bad: no-leak 5
import { allocate, free } from 'freehold';

function run(fast) {
  const block = allocate(8);
  if (fast) {
    free(block);
    return 1;
  } else {
    block.fill(1);
    return 2;
  }
}

run(false);
