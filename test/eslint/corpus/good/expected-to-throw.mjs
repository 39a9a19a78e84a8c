// good
import assert from 'node:assert';

import { Heap, owned } from 'freehold';

const heap = new Heap();

function run() {
  const handle = owned(heap, 8);
  const other = handle.move();
  assert.throws(() => handle.value, { code: 'ERR_FREEHOLD_MOVED' });
  other.dispose();
}

run();
