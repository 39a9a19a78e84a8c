// bad: no-leak 7
import { Heap, type Block } from 'freehold';

const heap = new Heap();

function copy(text: string, from: Heap = heap): number {
  const block: Block = from.string(text);
  return block.length;
}

copy('x');
