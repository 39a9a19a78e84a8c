// bad: no-leak 5
import { allocateAligned } from 'freehold';

function run() {
  const vector = allocateAligned(64, 64);
  vector.fill(0);
  return vector.address % 64n;
}

run();
