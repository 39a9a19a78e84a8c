// good
import { Heap } from 'freehold';

const heap = new Heap();

function grow(times) {
  let current = heap.alloc(8);
  for (let i = 0; i < times; i++) {
    const next = heap.alloc(current.length * 2);
    current.copy(next);
    heap.free(current);
    current = next;
  }
  const { length } = current;
  heap.free(current);
  return length;
}

grow(3);
