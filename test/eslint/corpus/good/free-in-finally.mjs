// good
import { allocate, free } from 'freehold';

function check(text) {
  const copy = allocate(64);
  try {
    copy.write(text);
    if (text.startsWith('!')) throw new RangeError('not allowed');
    if (text === '') return 0;
    return copy[0];
  } finally {
    free(copy);
  }
}

check('');
try {
  check('!no');
} catch {
  // freed all the same
}
