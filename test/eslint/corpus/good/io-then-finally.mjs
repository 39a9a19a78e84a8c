// good
import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';

import { allocate, free } from 'freehold';

function save(text) {
  const block = allocate(64);
  block.write(text);
  return writeFile(devNull, block).finally(() => free(block));
}

await save('x');
