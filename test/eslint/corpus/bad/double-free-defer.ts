// bad: no-double-free 6
import { allocate, defer, free } from 'freehold';

function run(): void {
  const block = allocate(8);
  using _ = defer(() => free(block));
  block.fill(1);
  free(block);
}

run();
