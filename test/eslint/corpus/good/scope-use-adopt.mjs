// good
import { Heap, scoped } from 'freehold';

const heap = new Heap();

function run() {
  return scoped((scope) => {
    const a = scope.use(heap.alloc(8));
    const b = scope.adopt(heap.alloc(8), (it) => heap.free(it));
    return a.length + b.length;
  });
}

run();
