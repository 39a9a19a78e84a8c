// bad: no-unpinned-io 11
// limit: streams
import { createWriteStream } from 'node:fs';
import { devNull } from 'node:os';

import { allocate, free } from 'freehold';

async function run() {
  const stream = createWriteStream(devNull);
  const block = allocate(64);
  stream.write(block);
  free(block);
  await new Promise((resolve) => stream.on('close', resolve).on('error', resolve).destroy());
}

await run();
