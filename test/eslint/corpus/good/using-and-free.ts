// good
import { Heap } from 'freehold';

const heap = new Heap();

function run(early: boolean): void {
  using block = heap.alloc(8);
  block.fill(1);
  if (early) heap.free(block);
}

run(true);
run(false);
