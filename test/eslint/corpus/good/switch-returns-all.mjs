// good
import { allocate, free } from 'freehold';

function encode(kind) {
  const out = allocate(32);
  switch (kind) {
    case 'a':
      free(out);
      return 1;
    case 'b':
      free(out);
      return 2;
    default:
      free(out);
      throw new TypeError(kind);
  }
}

encode('a');
encode('b');
