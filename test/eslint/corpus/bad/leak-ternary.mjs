// bad: no-leak 5
import { allocate, free } from 'freehold';

function run(large) {
  const block = large ? allocate(4096) : allocate(8);
  block.fill(1);
  if (large) free(block);
}

run(false);
