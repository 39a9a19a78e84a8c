// bad: no-use-after-free 9
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  const first = owned(heap, 8);
  const second = first.move();
  first.value.fill(1);
  second.dispose();
}

run();
