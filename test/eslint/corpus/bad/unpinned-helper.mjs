// bad: no-unpinned-io 13
import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';

import { allocate, free } from 'freehold';

async function save(block) {
  await writeFile(devNull, block);
}

async function run() {
  const block = allocate(64);
  const saving = save(block);
  free(block);
  await saving.catch(() => undefined);
}

await run();
