// good
import { Pool } from 'freehold';

const pool = new Pool({ blockBytes: 64, maxBlocks: 4 });

function run() {
  const taken = [];
  let block;
  while ((block = pool.tryAlloc()) !== null) taken.push(block);
  for (const each of taken) pool.free(each);
  return taken.length;
}

run();
