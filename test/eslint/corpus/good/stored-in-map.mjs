// good
import { allocate, free } from 'freehold';

const cache = new Map();

function put(name) {
  const block = allocate(16);
  block.write(name);
  cache.set(name, block);
}

put('a');
put('b');
for (const block of cache.values()) free(block);
