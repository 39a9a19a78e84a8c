// bad: no-leak 8
import { Heap, create, struct, u32 } from 'freehold';

const heap = new Heap();
const point = struct({ x: u32, y: u32 });

function run() {
  const p = create(heap, point, { x: 1, y: 2 });
  return p.x + p.y;
}

run();
