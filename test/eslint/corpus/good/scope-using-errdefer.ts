// good
import { Heap, Scope, type Block } from 'freehold';

const heap = new Heap();

function open(name: string): Block {
  using scope = new Scope({ failUnless: 'succeeded' });
  const header = heap.alloc(16);
  scope.errdefer(() => heap.free(header));
  if (name === '') throw new TypeError('a name');
  header.write(name);
  scope.succeed();
  return header;
}

heap.free(open('x'));
try {
  heap.free(open(''));
} catch {
  // freed by errdefer
}
