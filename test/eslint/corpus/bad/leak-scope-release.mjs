// bad: no-leak 8
import { Heap, scoped } from 'freehold';

const heap = new Heap();

function run() {
  scoped((scope) => {
    const block = scope.own(heap.alloc(8));
    scope.release(block);
  });
}

run();
