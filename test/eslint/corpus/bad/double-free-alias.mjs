// bad: no-double-free 10
import { Heap } from 'freehold';

const heap = new Heap();

function run() {
  const block = heap.alloc(8);
  const same = block;
  heap.free(same);
  heap.free(block);
}

run();
