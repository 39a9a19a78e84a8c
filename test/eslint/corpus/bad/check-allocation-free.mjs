// bad: check-allocation 8
import { Heap, limited } from 'freehold';

const heap = limited(new Heap(), 4096);

function run() {
  const block = heap.tryAlloc(1 << 20);
  heap.free(block);
}

run();
