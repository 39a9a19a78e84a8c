// bad: no-leak 7
import { Heap } from 'freehold';

const heap = new Heap();

function run(bytes) {
  const copy = heap.copy(bytes);
  return copy.toString();
}

run(Buffer.from('abc'));
