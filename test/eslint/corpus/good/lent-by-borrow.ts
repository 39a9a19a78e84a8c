// good
import { Heap, borrow, borrowMut, owned, type Block, type Borrowed } from 'freehold';

const heap = new Heap();
const sum = (block: Borrowed<Block>): number => block.value.reduce((all, byte) => all + byte, 0);

function run(): number {
  using numbers = owned(heap, 8);
  borrowMut(numbers, (it) => it.value.fill(1));
  using reader = numbers.borrow();
  return borrow(numbers, sum) + reader.value.length;
}

run();
