// good
import { Heap } from 'freehold';

const heap = new Heap();

function run(size) {
  const block = heap.tryAlloc(size) ?? heap.alloc(8);
  block.fill(1);
  heap.free(block);
}

run(16);
