// bad: no-leak 7
import { allocate, free } from 'freehold';

function scan(items) {
  let sum = 0;
  for (const item of items) {
    const scratch = allocate(16);
    scratch.write(item);
    if (item === '') continue;
    sum += scratch[0];
    free(scratch);
  }
  return sum;
}

scan(['', 'b']);
