// bad: no-double-free 11
import { RcHeap } from 'freehold';

const heap = new RcHeap();

function run() {
  const node = heap.alloc(16);
  node.retain();
  node.release();
  node.release();
  node.release();
}

run();
