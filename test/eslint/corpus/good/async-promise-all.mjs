// good
import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';

import { allocate, free } from 'freehold';

async function run() {
  const a = allocate(64);
  const b = allocate(64);
  await Promise.all([writeFile(devNull, a), writeFile(devNull, b)]);
  free(a);
  free(b);
}

await run();
