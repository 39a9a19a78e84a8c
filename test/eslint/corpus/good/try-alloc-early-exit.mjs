// good
import { Heap } from 'freehold';

const heap = new Heap();

function run(size) {
  const block = heap.tryAlloc(size);
  if (!block) throw new Error('no memory');
  block.fill(1);
  heap.free(block);
}

run(8);
