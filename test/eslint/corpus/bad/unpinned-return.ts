// bad: no-unpinned-io 10
import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';

import { Arena } from 'freehold';

function save(text: string): Promise<void> {
  using arena = new Arena();
  const block = arena.string(text);
  return writeFile(devNull, block);
}

await save('x').catch(() => undefined);
