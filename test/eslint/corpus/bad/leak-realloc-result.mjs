// bad: no-leak 6
import { allocate, reallocate } from 'freehold';

function run() {
  let line = allocate(8);
  line = reallocate(line, 16);
  line.fill(1);
}

run();
