// bad: no-conditional-free 8
import { allocate, free } from 'freehold';

function run(kind) {
  const block = allocate(8);
  switch (kind) {
    case 'short':
      free(block);
      break;
    case 'long':
      console.log(block.length);
      break;
  }
}

run('long');
