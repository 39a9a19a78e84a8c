// bad: no-leak 5
import { allocate, free } from 'freehold';

function run(decode) {
  const block = allocate(8);
  try {
    block.fill(decode());
  } catch {
    return null;
  }
  const first = block[0];
  free(block);
  return first;
}

run(() => {
  throw new Error('no');
});
