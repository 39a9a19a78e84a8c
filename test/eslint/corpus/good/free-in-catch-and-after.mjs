// good
import { allocate, free } from 'freehold';

function run(decode) {
  const block = allocate(8);
  try {
    block.fill(decode());
  } catch (error) {
    free(block);
    throw new Error('cannot decode', { cause: error });
  }
  const first = block[0];
  free(block);
  return first;
}

run(() => 1);
try {
  run(() => {
    throw new Error('no');
  });
} catch {
  // freed all the same
}
