// good
import { setImmediate } from 'node:timers/promises';

import { allocate, free } from 'freehold';

async function run(rounds) {
  let current = allocate(8);
  try {
    for (let round = 0; round < rounds; round++) {
      const next = allocate(8);
      next.set(current);
      free(current);
      current = next;
      await setImmediate();
    }
    return current[0];
  } finally {
    free(current);
  }
}

await run(2);
