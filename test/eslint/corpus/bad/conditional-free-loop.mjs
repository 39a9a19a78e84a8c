// bad: no-conditional-free 8
import { allocate, free } from 'freehold';

function run(items) {
  const block = allocate(8);
  for (const item of items) {
    if (item === 'end') {
      free(block);
      break;
    }
  }
}

run(['a']);
