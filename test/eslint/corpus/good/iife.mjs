// good
import { allocate, free } from 'freehold';

const first = (() => {
  const block = allocate(8);
  block.fill(7);
  const byte = block[0];
  free(block);
  return byte;
})();
console.log(first);
