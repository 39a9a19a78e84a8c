// bad: no-use-after-free 9
import { Heap } from 'freehold';

const heap = new Heap();

function make(): Buffer {
  using block = heap.alloc(8);
  block.fill(1);
  return block;
}

make().write('x');
