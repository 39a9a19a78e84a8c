// bad: no-use-after-free 9
import { allocate, free } from 'freehold';

function run() {
  const block = allocate(16);
  const head = block.subarray(0, 4);
  block.fill(1);
  free(block);
  return head.readUInt32BE(0);
}

run();
