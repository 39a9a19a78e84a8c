// good
import { Heap, owned, type Block, type Owned } from 'freehold';

const heap = new Heap();

function run(page?: Owned<Block>): number {
  const own = page ?? owned(heap, 8);
  try {
    return own.value.length;
  } finally {
    own.dispose();
  }
}

run();
run(owned(heap, 16));
