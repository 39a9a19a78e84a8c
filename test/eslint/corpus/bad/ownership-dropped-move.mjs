// bad: require-ownership 8
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  const handle = owned(heap, 8);
  handle.move();
}

run();
