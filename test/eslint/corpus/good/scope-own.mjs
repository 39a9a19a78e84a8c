// good
import { Heap, scoped } from 'freehold';

const heap = new Heap();

function run() {
  return scoped((scope) => {
    const a = scope.own(heap.alloc(8));
    const b = scope.own(heap.alloc(8));
    a.copy(b);
    return b.length;
  });
}

run();
