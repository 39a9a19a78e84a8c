// good
import { Heap } from 'freehold';

const heap = new Heap();

function first(text: string): number {
  using block = heap.alloc(64);
  if (text === '') return 0;
  block.write(text);
  return block[0];
}

first('');
first('x');
