// bad: no-use-after-free 8
import { Arena } from 'freehold';

function run(): void {
  using arena = new Arena();
  const block = arena.alloc(8);
  arena.reset();
  block.write('x');
}

run();
