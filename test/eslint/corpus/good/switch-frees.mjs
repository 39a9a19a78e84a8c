// good
import { allocate, free } from 'freehold';

function encode(kind) {
  const out = allocate(32);
  let size = 0;
  switch (kind) {
    case 'a':
      size = out.write('a');
      break;
    case 'b': {
      free(out);
      return -1;
    }
    default:
      size = 1;
  }
  free(out);
  return size;
}

encode('a');
encode('b');
encode('c');
