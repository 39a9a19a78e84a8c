// good
import { Arena, Heap } from 'freehold';

const heap = new Heap();

function run() {
  const arena = new Arena();
  try {
    const out = heap.alloc(64);
    try {
      const line = arena.string('hello');
      line.copy(out);
      return out.toString('latin1', 0, line.length);
    } finally {
      heap.free(out);
    }
  } finally {
    arena.dispose();
  }
}

run();
