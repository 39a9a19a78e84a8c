// bad: no-use-after-free 11
import { Arena } from 'freehold';

function run(): void {
  using arena = new Arena();
  let scratch;
  {
    using mark = arena.mark();
    scratch = arena.alloc(100);
  }
  scratch.fill(1);
}

run();
