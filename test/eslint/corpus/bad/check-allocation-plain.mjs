// bad: check-allocation 9
import { Heap, limited } from 'freehold';

const heap = new Heap();
const small = limited(heap, 64);

function run() {
  const block = small.tryAlloc(128);
  block.fill(1);
  small.free(block);
}

run();
