// bad: no-double-free 10
import { allocate, free } from 'freehold';

function run() {
  const block = allocate(8);
  try {
    block.fill(1);
    free(block);
  } finally {
    free(block);
  }
}

run();
