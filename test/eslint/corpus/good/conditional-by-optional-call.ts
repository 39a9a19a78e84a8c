// good
import { Heap } from 'freehold';

const heap = new Heap();

function run(size: number): number {
  const block = size > 0 ? heap.alloc(size) : undefined;
  const length = block?.fill(1).length ?? 0;
  block?.[Symbol.dispose]();
  return length;
}

run(0);
run(8);
