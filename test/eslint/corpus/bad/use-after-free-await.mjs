// bad: no-use-after-free 10
import { setImmediate } from 'node:timers/promises';

import { allocate, free } from 'freehold';

async function run() {
  const block = allocate(8);
  free(block);
  await setImmediate();
  block.fill(1);
}

await run();
