// good
import { createArena, destroyArena, getArena, resetArena } from 'freehold';

createArena('stage', { initialBytes: 65536 });

function load() {
  const block = getArena('stage').alloc(1000);
  return block.length;
}

load();
resetArena('stage');
load();
destroyArena('stage');
