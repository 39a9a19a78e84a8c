// good
import { allocate, free } from 'freehold';

function repeat(times) {
  let left = times;
  do {
    const page = allocate(16);
    page.fill(left);
    free(page);
    left--;
  } while (left > 0);
}

repeat(3);
