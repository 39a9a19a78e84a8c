// good
import * as memory from 'freehold';

function run() {
  const block = memory.allocate(8);
  const { length } = block;
  memory.free(block);
  return length;
}

run();
