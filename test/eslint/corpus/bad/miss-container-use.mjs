// bad: no-use-after-free 10
// limit: containers
import { allocate, free } from 'freehold';

function run() {
  const cache = new Map();
  const block = allocate(8);
  cache.set('a', block);
  free(block);
  cache.get('a').write('x');
}

run();
