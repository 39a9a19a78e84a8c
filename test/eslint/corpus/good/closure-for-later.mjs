// good
import { allocate, free } from 'freehold';

function run(done) {
  const block = allocate(8);
  setImmediate(() => {
    block.fill(1);
    free(block);
    done();
  });
}

await new Promise((resolve) => run(resolve));
