// bad: no-use-after-free 9
import { Arena } from 'freehold';

function run(): void {
  using arena = new Arena();
  const mark = arena.mark();
  const block = arena.alloc(8);
  arena.rewind(mark);
  block.write('x');
}

run();
