// bad: no-use-after-free 9
import { Heap, give, owned } from 'freehold';

const heap = new Heap();

function run() {
  const message = owned(heap, 8);
  give(message, (it) => it.dispose());
  message.value.fill(1);
}

run();
