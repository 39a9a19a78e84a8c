// bad: no-double-free 9
import { Heap, own } from 'freehold';

const heap = new Heap();

function run() {
  const block = heap.alloc(8);
  const owner = own(block);
  heap.free(block);
  owner.dispose();
}

run();
