// good
import { allocate, free } from 'freehold';

function close(block) {
  block.fill(0);
  free(block);
}

function run(early) {
  const block = allocate(8);
  if (early) {
    close(block);
    return;
  }
  block.fill(1);
  close(block);
}

run(true);
run(false);
