// good
import { Heap } from 'freehold';

const heap = new Heap();
let shared = null;

function get() {
  shared ??= heap.alloc(64);
  return shared;
}

get().fill(1);
heap.free(get());
