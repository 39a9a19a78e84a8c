// bad: no-double-free 11
import { allocate, free } from 'freehold';

function run(kind) {
  const block = allocate(8);
  switch (kind) {
    case 1:
      free(block);
    // falls through
    default:
      free(block);
  }
}

run(1);
