// bad: no-use-after-free 6
import { allocate, free } from 'freehold';

function run() {
  const block = allocate(8);
  const show = () => block.toString();
  free(block);
  return show();
}

run();
