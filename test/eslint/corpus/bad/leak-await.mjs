// bad: no-leak 7
import { setImmediate } from 'node:timers/promises';

import { allocate, free } from 'freehold';

async function run(ready) {
  const block = allocate(8);
  await setImmediate();
  if (!ready) return 'not ready';
  free(block);
  return 'ready';
}

await run(false);
