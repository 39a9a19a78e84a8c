// good
import { Arena, create, struct, u32 } from 'freehold';

const point = struct({ x: u32, y: u32 });

function run(): number {
  using arena = new Arena();
  const p = create(arena, point, { x: 1, y: 2 });
  return p.x + p.y;
}

run();
