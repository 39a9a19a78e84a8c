// bad: no-use-after-free 11
import { Heap, scoped } from 'freehold';

const heap = new Heap();

function run() {
  let kept;
  scoped((scope) => {
    kept = scope.own(heap.alloc(8));
  });
  kept.fill(1);
}

run();
