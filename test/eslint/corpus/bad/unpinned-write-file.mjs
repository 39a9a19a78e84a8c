// bad: no-unpinned-io 9
import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';

import { allocate, free } from 'freehold';

async function run() {
  const block = allocate(64);
  const writing = writeFile(devNull, block);
  free(block);
  await writing.catch(() => undefined);
}

await run();
