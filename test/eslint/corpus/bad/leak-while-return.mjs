// bad: no-leak 6
import { allocate, free } from 'freehold';

function drain(queue) {
  while (queue.length > 0) {
    const message = allocate(16);
    const text = queue.shift();
    if (text === 'stop') return;
    message.write(text);
    free(message);
  }
}

drain(['a', 'stop']);
