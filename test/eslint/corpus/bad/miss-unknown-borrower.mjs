// bad: no-leak 8
// limit: calls of unknown functions
import { allocate } from 'freehold';

const readers = [(block) => block.length];

function run() {
  const block = allocate(8);
  return readers[0](block);
}

run();
