// bad: no-unpinned-io 9
import { open } from 'node:fs/promises';

import { allocate, free } from 'freehold';

async function run() {
  const file = await open(process.execPath);
  const block = allocate(64);
  const reading = file.read(block, 0, 64, 0);
  free(block);
  await reading.catch(() => undefined);
  await file.close();
}

await run();
