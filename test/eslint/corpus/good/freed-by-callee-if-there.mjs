// good
import { Heap } from 'freehold';

const heap = new Heap();

function close(block) {
  if (block) heap.free(block);
}

function run(size) {
  const block = size > 0 ? heap.alloc(size) : null;
  close(block);
}

run(0);
run(8);
