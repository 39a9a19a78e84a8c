// good
import { deflate } from 'node:zlib';

import { allocate, free } from 'freehold';

function run(done) {
  const block = allocate(64);
  deflate(block, (error, result) => {
    free(block);
    done(error ?? result);
  });
}

await new Promise((resolve) => {
  run(resolve);
});
