// bad: no-use-after-free 9
import { Heap, owned } from 'freehold';

const heap = new Heap();

function run(): void {
  const first = owned(heap, 8);
  using second = first.move();
  using third = first.move();
}

run();
