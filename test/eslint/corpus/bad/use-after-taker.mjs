// bad: no-use-after-free 12
import { Heap, owned, takesOwnership } from 'freehold';

const heap = new Heap();
const send = takesOwnership((message) => {
  message.dispose();
}, 0);

function run() {
  const message = owned(heap, 8);
  send(message);
  return message.value.length;
}

run();
