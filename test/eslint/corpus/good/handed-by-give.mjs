// good
import { Heap, give, owned } from 'freehold';

const heap = new Heap();
const queue = [];

function run() {
  const message = owned(heap, 8);
  give(message, (it) => queue.push(it));
}

run();
queue.forEach((it) => it.dispose());
