// bad: no-reassign-owned 9
import { Heap } from 'freehold';

const heap = new Heap();

function run(grow) {
  let block = heap.alloc(8);
  if (grow) {
    block = heap.alloc(16);
  }
  heap.free(block);
}

run(true);
