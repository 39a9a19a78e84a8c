// good
import { Heap, owned, takesOwnership } from 'freehold';

const heap = new Heap();
const queue = [];
const post = takesOwnership((message) => {
  queue.push(message);
}, 0);

function run() {
  const message = owned(heap, 8);
  message.value.fill(1);
  post(message);
}

run();
for (const message of queue) message.dispose();
