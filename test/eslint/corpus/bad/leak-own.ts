// bad: no-leak 8
import { Heap, own } from 'freehold';

const heap = new Heap();

function run(): number {
  const block = heap.alloc(8);
  const handle = own(block);
  return handle.value.length;
}

run();
