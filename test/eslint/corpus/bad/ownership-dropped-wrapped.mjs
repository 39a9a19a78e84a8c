// bad: require-ownership 8
import { Pool, returnsOwnership } from 'freehold';

const pool = new Pool({ blockBytes: 64 });
const make = returnsOwnership(() => pool.alloc());

function run() {
  make();
}

run();
