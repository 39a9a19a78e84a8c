// bad: no-leak 6
// limit: calls that throw out of the function
import { allocate, free } from 'freehold';

function run(text) {
  const block = allocate(8);
  block.fill(JSON.parse(text));
  free(block);
}

try {
  run('{');
} catch {
  // lost
}
