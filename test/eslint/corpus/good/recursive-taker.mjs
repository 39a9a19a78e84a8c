// good
import { allocate, free } from 'freehold';

function shrink(block, times) {
  if (times === 0) {
    free(block);
    return;
  }
  block.fill(times);
  shrink(block, times - 1);
}

shrink(allocate(8), 2);
