// bad: no-leak 7
import { Heap } from 'freehold';

const heap = new Heap();

function open(name) {
  const header = heap.alloc(16);
  if (name === '') throw new TypeError('a name');
  header.write(name);
  return header;
}

try {
  heap.free(open(''));
} catch {
  // lost
}
