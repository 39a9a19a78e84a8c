// good
import { allocate, expectNoLeaks, free } from 'freehold';

expectNoLeaks(() => {
  const block = allocate(8);
  block.fill(1);
  free(block);
});
