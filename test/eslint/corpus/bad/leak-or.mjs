// bad: no-leak 5
import { allocate } from 'freehold';

function run(given) {
  const block = given || allocate(8);
  block.fill(1);
  return block.length;
}

run(null);
