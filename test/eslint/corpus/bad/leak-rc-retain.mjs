// bad: no-leak 7
import { RcHeap } from 'freehold';

const heap = new RcHeap();

function run() {
  const node = heap.alloc(16);
  node.retain();
  node.release();
}

run();
