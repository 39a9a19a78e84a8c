// bad: no-arena-escape 8
import { withArena } from 'freehold';

let kept;

function run() {
  withArena((arena) => {
    kept = arena.string('x');
  });
}

run();
kept.write('y');
