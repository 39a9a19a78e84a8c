// bad: no-unpinned-io 10
import { randomFill } from 'node:crypto';

import { Arena } from 'freehold';

const arena = new Arena();

function run(done) {
  const block = arena.alloc(64);
  randomFill(block, done);
  arena.reset();
}

await new Promise((resolve) => {
  run(() => resolve());
});
