// good
import { allocate, free } from 'freehold';

function run(copy) {
  let block = null;
  if (copy) block = allocate(8);
  console.log(copy);
  if (copy) free(block);
}

run(true);
run(false);
