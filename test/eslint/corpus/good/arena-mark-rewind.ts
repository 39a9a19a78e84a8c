// good
import { Arena } from 'freehold';

function run(): number {
  using arena = new Arena();
  const kept = arena.string('kept');
  const mark = arena.mark();
  for (let i = 0; i < 3; i++) {
    const scratch = arena.alloc(1000);
    scratch.fill(i);
    arena.rewind(mark);
  }
  return kept.toString().length;
}

run();
