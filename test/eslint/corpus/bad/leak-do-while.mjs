// bad: no-leak 7
import { allocate } from 'freehold';

function repeat(times) {
  let left = times;
  do {
    const page = allocate(16);
    page.fill(left);
    left--;
  } while (left > 0);
}

repeat(3);
