// good
import { Arena, Heap } from 'freehold';

function run(rows: string[][]): number {
  using heap = new Heap();
  let bytes = 0;
  for (const row of rows) {
    using line = heap.alloc(64);
    for (const cell of row) {
      using arena = new Arena();
      const text = arena.string(cell);
      if (text.length === 0) continue;
      bytes += line.write(cell);
      if (bytes > 100) return bytes;
    }
  }
  return bytes;
}

run([['a', ''], ['b']]);
