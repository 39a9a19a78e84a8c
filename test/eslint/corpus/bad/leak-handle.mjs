// bad: no-leak 7
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  const handle = owned(heap, 8);
  handle.value.fill(1);
}

run();
