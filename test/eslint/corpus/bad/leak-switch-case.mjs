// bad: no-leak 5
import { allocate, free } from 'freehold';

function encode(kind) {
  const out = allocate(32);
  switch (kind) {
    case 'a':
      free(out);
      return 1;
    case 'b':
      return 2;
    default:
      free(out);
      return 3;
  }
}

encode('b');
