// bad: no-leak 8
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run(): void {
  using handle = owned(heap, 8);
  const raw = handle.release();
  raw.fill(1);
}

run();
