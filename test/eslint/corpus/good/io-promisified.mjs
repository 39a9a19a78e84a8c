// good
import { randomFill } from 'node:crypto';
import { promisify } from 'node:util';

import { allocate, free } from 'freehold';

const fill = promisify(randomFill);

async function run() {
  const block = allocate(64);
  await fill(block);
  free(block);
}

await run();
