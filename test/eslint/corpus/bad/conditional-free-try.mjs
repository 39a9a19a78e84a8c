// bad: no-conditional-free 8
import { allocate, free } from 'freehold';

function run(work) {
  const block = allocate(8);
  try {
    work();
    free(block);
  } catch {
    console.log('failed');
  }
}

run(() => {
  throw new Error('no');
});
