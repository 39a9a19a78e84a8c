// good
import { closeSync, openSync, readSync } from 'node:fs';

import { allocate, free } from 'freehold';

function head(path) {
  const fd = openSync(path, 'r');
  const block = allocate(4);
  readSync(fd, block);
  const text = block.toString('latin1');
  free(block);
  closeSync(fd);
  return text;
}

head(process.execPath);
