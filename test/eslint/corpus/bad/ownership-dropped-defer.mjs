// bad: no-leak 6
// bad: require-ownership 7
import { allocate, defer, free } from 'freehold';

function run() {
  const block = allocate(8);
  defer(() => free(block));
  block.fill(1);
}

run();
