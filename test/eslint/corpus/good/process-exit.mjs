// good
import { allocate, free } from 'freehold';

function run(fatal) {
  const block = allocate(8);
  if (fatal) {
    console.error('fatal');
    process.exit(1);
  }
  free(block);
}

run(false);
