// bad: no-leak 7
import { allocate as malloc } from 'freehold';

const take = malloc;

function run() {
  const block = take(8);
  block.fill(1);
}

run();
