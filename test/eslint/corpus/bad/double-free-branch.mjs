// bad: no-double-free 7
import { allocate, free } from 'freehold';

function run(early) {
  const block = allocate(8);
  if (early) free(block);
  free(block);
}

run(true);
