// good
import { FixedBuffer, Heap, fallback } from 'freehold';

const heap = new Heap();

function run(size) {
  const scratch = fallback(new FixedBuffer(Buffer.alloc(256)), heap);
  const block = scratch.alloc(size);
  block.fill(1);
  scratch.free(block);
}

run(64);
run(1024);
