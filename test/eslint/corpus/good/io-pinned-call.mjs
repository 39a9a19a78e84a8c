// good
import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';

import { Arena } from 'freehold';

const arena = new Arena();

async function run() {
  const block = arena.string('x');
  await arena.pinned(() => writeFile(devNull, block));
  arena.reset();
}

await run();
