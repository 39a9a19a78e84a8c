// bad: require-ownership 7
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  owned(heap, 8).value.fill(1);
}

run();
