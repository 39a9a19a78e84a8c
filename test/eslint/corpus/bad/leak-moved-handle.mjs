// bad: no-leak 8
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  const first = owned(heap, 8);
  const second = first.move();
  second.value.fill(1);
}

run();
