// good
import { Arena } from 'freehold';

function run() {
  const arena = new Arena();
  const block = arena.alloc(8);
  arena.reset();
  const { length } = block;
  arena.dispose();
  return length + block.byteLength;
}

run();
