// bad: no-use-after-free 9
import { Heap, drop, owned } from 'freehold';

const heap = new Heap();

function run() {
  const scratch = owned(heap, 8);
  drop(scratch);
  scratch.value.fill(1);
}

run();
