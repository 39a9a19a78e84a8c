// bad: check-allocation 9
import { Pool } from 'freehold';

const pool = new Pool({ blockBytes: 64, maxBlocks: 1 });
const only = pool.alloc();

function run() {
  const packet = pool.tryAlloc();
  packet.write('x');
  pool.free(packet);
}

try {
  run();
} finally {
  pool.free(only);
}
