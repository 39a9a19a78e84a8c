// bad: no-unpinned-io 8
import { deflate } from 'node:zlib';

import { allocate, free } from 'freehold';

function run(done) {
  const block = allocate(64);
  deflate(block, done);
  free(block);
}

await new Promise((resolve) => {
  run(() => resolve());
});
