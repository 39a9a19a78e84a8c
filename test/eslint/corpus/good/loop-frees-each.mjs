// good
import { allocate, free } from 'freehold';

function scan(items) {
  let sum = 0;
  for (const item of items) {
    const scratch = allocate(16);
    scratch.write(item);
    if (item === '') {
      free(scratch);
      continue;
    }
    sum += scratch[0];
    free(scratch);
    if (sum > 1000) break;
  }
  return sum;
}

scan(['', 'b']);
