// bad: no-leak 6
import { allocate, free } from 'freehold';

function scan(items) {
  for (const item of items) {
    const scratch = allocate(16);
    scratch.write(item);
    if (scratch[0] === 120) break;
    free(scratch);
  }
}

scan(['a', 'x']);
