// bad: no-leak 5
import { allocate, free } from 'freehold';

function run() {
  const block = allocate(8);
  const cleanup = () => free(block);
  block.fill(1);
  return typeof cleanup;
}

run();
