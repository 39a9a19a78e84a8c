// bad: no-reassign-owned 7
import { allocate, free } from 'freehold';

function run(sizes) {
  let block = null;
  for (const size of sizes) {
    block = allocate(size);
    block.fill(1);
  }
  if (block !== null) free(block);
}

run([8, 16]);
