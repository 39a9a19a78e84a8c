// bad: no-use-after-free 9
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  const handle = owned(heap, 8);
  handle.dispose();
  return handle.value;
}

run();
