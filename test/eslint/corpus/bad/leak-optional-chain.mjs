// bad: no-leak 7
import { Heap } from 'freehold';

const heap = new Heap();

function run() {
  const block = heap.tryAlloc(8);
  block?.fill(1);
  return block?.length;
}

run();
