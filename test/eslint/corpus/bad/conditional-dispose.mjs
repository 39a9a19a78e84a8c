// bad: no-conditional-free 9
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run(count) {
  const handle = owned(heap, 8);
  if (count > 1) {
    handle.dispose();
  } else {
    console.log('kept');
  }
}

run(1);
