// good
import { allocate, free } from 'freehold';

function run(early) {
  const block = allocate(8);
  let isFreed = false;
  if (early) {
    free(block);
    isFreed = true;
  }
  console.log(early);
  if (!isFreed) free(block);
}

run(true);
run(false);
