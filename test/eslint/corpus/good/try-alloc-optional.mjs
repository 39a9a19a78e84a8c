// good
import { Heap } from 'freehold';

const heap = new Heap();

function run(size) {
  const block = heap.tryAlloc(size);
  const length = block?.length ?? 0;
  if (block) heap.free(block);
  return length;
}

run(16);
