// bad: check-allocation 9
import { Heap, limited } from 'freehold';

const heap = limited(new Heap(), 4096);

function run(strict) {
  const block = heap.tryAlloc(1 << 20);
  if (strict && block === null) return;
  block.fill(1);
  heap.free(block);
}

run(false);
