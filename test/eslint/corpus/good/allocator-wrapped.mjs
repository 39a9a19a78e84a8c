// good
import { Heap, limited, tracking } from 'freehold';

const heap = new Heap();

function run() {
  const small = limited(tracking(heap), 1024);
  const block = small.alloc(64);
  block.fill(1);
  small.free(block);
}

run();
