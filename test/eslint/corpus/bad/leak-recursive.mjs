// bad: no-leak 6
import { allocate } from 'freehold';

function depth(n) {
  if (n === 0) return 0;
  const frame = allocate(8);
  frame.fill(n);
  return 1 + depth(n - 1);
}

depth(3);
