// good
import assert from 'node:assert';

import { Heap } from 'freehold';

const heap = new Heap();

function run() {
  const block = heap.tryAlloc(16);
  assert(block !== null);
  block.fill(1);
  heap.free(block);
}

run();
