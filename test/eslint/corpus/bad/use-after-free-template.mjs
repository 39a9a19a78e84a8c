// bad: no-use-after-free 8
import { allocate, free } from 'freehold';

function run() {
  const block = allocate(8);
  block.write('x');
  free(block);
  return `${block}`;
}

run();
