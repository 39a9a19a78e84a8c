// bad: no-leak 5
import { allocate, free } from 'freehold';

function check(text) {
  const copy = allocate(64);
  copy.write(text);
  if (text.startsWith('!')) throw new RangeError('not allowed');
  free(copy);
}

try {
  check('!no');
} catch {
  // what was allocated is lost
}
