// good
import { setImmediate } from 'node:timers/promises';

import { allocate, free } from 'freehold';

async function run(ready) {
  const block = allocate(8);
  try {
    await setImmediate();
    if (!ready) return 'not ready';
    return block.toString('hex');
  } finally {
    free(block);
  }
}

await run(false);
await run(true);
