// good
import { RcHeap } from 'freehold';

const heap = new RcHeap();

function run() {
  const node = heap.alloc(16);
  node.retain();
  node.fill(1);
  node.release();
  node.fill(2);
  node.release();
}

run();
