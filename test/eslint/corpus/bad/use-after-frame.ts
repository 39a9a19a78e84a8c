// bad: no-use-after-free 11
import { Stack } from 'freehold';

function run(): void {
  using stack = new Stack();
  let text;
  {
    using frame = stack.frame();
    text = frame.alloc(8);
  }
  text.fill(1);
}

run();
