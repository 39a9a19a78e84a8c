// bad: no-leak 7
// limit: blocks of a heap that is disposed
import { Heap } from 'freehold';

function run(): number {
  using heap = new Heap();
  const block = heap.alloc(8);
  return block.length;
}

run();
