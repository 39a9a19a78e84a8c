// good
import { Stack } from 'freehold';

const stack = new Stack();

function depth(text: string): number {
  using frame = stack.frame();
  const copy = frame.alloc(text.length + 1);
  copy.write(text);
  return text === '' ? 0 : 1 + depth(text.slice(1));
}

depth('nested');
stack.dispose();
