// bad: no-double-free 11
import { allocate, free } from 'freehold';

function run(work) {
  const block = allocate(8);
  try {
    block.fill(1);
    free(block);
    work();
  } catch {
    free(block);
  }
}

run(() => {
  throw new Error('after the free');
});
