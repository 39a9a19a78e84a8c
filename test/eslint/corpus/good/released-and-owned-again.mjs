// good
import { Heap, own, owned } from 'freehold';

const heap = new Heap();

function run() {
  const first = owned(heap, 8);
  const raw = first.release();
  const second = own(raw);
  second.value.fill(1);
  second.dispose();
}

run();
