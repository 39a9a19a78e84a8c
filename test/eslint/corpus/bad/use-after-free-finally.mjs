// bad: no-use-after-free 9
import { allocate, free } from 'freehold';

function run() {
  const block = allocate(8);
  try {
    free(block);
  } finally {
    block.fill(0);
  }
}

run();
