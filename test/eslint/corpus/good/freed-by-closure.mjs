// good
import { allocate, free } from 'freehold';

function run(early) {
  const block = allocate(8);
  const close = () => free(block);
  if (early) {
    close();
    return;
  }
  block.fill(1);
  close();
}

run(true);
run(false);
