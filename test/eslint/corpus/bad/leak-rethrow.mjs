// bad: no-leak 5
import { allocate, free } from 'freehold';

function run(decode) {
  const block = allocate(8);
  try {
    block.fill(decode());
  } catch (error) {
    throw new Error('cannot decode', { cause: error });
  }
  free(block);
}

try {
  run(() => {
    throw new Error('no');
  });
} catch {
  // expected
}
