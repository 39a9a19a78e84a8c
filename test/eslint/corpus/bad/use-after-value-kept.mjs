// bad: no-use-after-free 10
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  const handle = owned(heap, 8);
  const bytes = handle.value;
  handle.dispose();
  bytes.fill(1);
}

run();
