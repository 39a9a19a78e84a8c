// bad: no-use-after-free 8
import { allocate, free } from 'freehold';

function run(times) {
  const block = allocate(8);
  let i = 0;
  do {
    block.fill(i);
    free(block);
    i++;
  } while (i < times);
}

run(2);
