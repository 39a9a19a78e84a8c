// bad: no-leak 5
import { allocate, free } from 'freehold';

function run() {
  const [a, b] = [allocate(8), allocate(16)];
  b.fill(1);
  free(a);
}

run();
