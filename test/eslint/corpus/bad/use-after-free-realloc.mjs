// bad: no-use-after-free 7
import { allocate, free, reallocate } from 'freehold';

function run() {
  const small = allocate(8);
  const large = reallocate(small, 70000);
  small.write('x');
  free(large);
}

run();
