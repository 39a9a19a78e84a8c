// bad: no-leak 8
import { Heap } from 'freehold';

const heap = new Heap();

function pair() {
  const first = heap.alloc(16);
  const second = heap.alloc(16);
  first.write('one');
  second.write('two');
  heap.free(first);
}

pair();
