// good
import { allocate, free } from 'freehold';

function run(names) {
  let block = null;
  for (const name of names) {
    if (name === 'copy') {
      if (block !== null) free(block);
      block = allocate(8);
    }
  }
  if (block) {
    block.fill(1);
    free(block);
  }
}

run([]);
run(['copy', 'x', 'copy']);
