// bad: no-leak 5
import { allocate } from 'freehold';

function run() {
  const block = allocate(8);
  const same = block;
  same.fill(1);
  return same[0];
}

run();
