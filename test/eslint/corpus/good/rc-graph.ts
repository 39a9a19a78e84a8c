// good
import { RcHeap } from 'freehold';

const heap = new RcHeap();

function run(): number {
  using parent = heap.alloc(16, { refs: 1 });
  {
    using child = heap.alloc(8);
    parent.setRef(0, child);
  }
  return parent.refSlots;
}

run();
