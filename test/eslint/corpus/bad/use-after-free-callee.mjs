// bad: no-use-after-free 9
import { allocate, free } from 'freehold';

const first = (block) => block.readUInt8(0);

function run() {
  const block = allocate(8);
  free(block);
  return first(block);
}

run();
