// bad: no-reassign-owned 9
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  let handle = owned(heap, 8);
  handle.value.fill(1);
  handle = owned(heap, 16);
  handle.dispose();
}

run();
