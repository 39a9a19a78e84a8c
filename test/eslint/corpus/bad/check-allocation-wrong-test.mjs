// bad: check-allocation 12
import { Heap, limited } from 'freehold';

const heap = limited(new Heap(), 4096);

function run() {
  const block = heap.tryAlloc(1 << 20);
  if (block !== null) {
    heap.free(block);
    return 1;
  }
  return block.length;
}

run();
