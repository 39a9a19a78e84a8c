// bad: no-leak 11
import { allocate } from 'freehold';

function page() {
  const made = allocate(4096);
  made.fill(0x20);
  return made;
}

function run() {
  const mine = page();
  return mine[0];
}

run();
