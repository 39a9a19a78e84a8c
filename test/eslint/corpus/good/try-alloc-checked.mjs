// good
import { Heap, limited } from 'freehold';

const heap = new Heap();
const small = limited(heap, 64);

function run(size) {
  const block = small.tryAlloc(size);
  if (block === null) return 0;
  block.fill(1);
  small.free(block);
  return size;
}

run(8);
run(128);
