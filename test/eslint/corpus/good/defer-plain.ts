// good
import { allocate, defer, free } from 'freehold';

function run(early: boolean): number {
  const block = allocate(8);
  using _ = defer(() => free(block));
  if (early) return 0;
  block.fill(1);
  return block[0];
}

run(true);
run(false);
