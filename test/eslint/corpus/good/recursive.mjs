// good
import { allocate, free } from 'freehold';

function depth(n) {
  if (n === 0) return 0;
  const frame = allocate(8);
  frame.fill(n);
  const below = depth(n - 1);
  free(frame);
  return 1 + below;
}

depth(3);
