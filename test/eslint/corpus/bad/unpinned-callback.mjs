// bad: no-unpinned-io 11
import { write, openSync, closeSync } from 'node:fs';
import { devNull } from 'node:os';

import { allocate, free } from 'freehold';

const fd = openSync(devNull, 'w');

function run(done) {
  const block = allocate(64);
  write(fd, block, done);
  free(block);
}

await new Promise((resolve) => {
  run(() => resolve());
});
closeSync(fd);
