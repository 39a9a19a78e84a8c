// bad: no-double-free 10
import { Heap, create, destroy, struct, u32 } from 'freehold';

const heap = new Heap();
const point = struct({ x: u32 });

function run() {
  const p = create(heap, point);
  destroy(p);
  destroy(p);
}

run();
