// bad: no-leak 5
import { allocate, free } from 'freehold';

(() => {
  const block = allocate(8);
  if (process.pid > 0) return;
  free(block);
})();
