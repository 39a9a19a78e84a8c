// good
import { Heap, create, destroy, struct, u32 } from 'freehold';

const heap = new Heap();
const point = struct({ x: u32, y: u32 });

function run() {
  const p = create(heap, point, { x: 1, y: 2 });
  p.x++;
  const sum = p.x + p.y;
  destroy(p);
  return sum;
}

run();
