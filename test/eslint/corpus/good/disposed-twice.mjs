// good
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  const handle = owned(heap, 8);
  handle.dispose();
  handle.dispose();
  return handle.state;
}

run();
