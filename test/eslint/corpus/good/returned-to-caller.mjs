// good
import { allocate, free } from 'freehold';

function page() {
  const made = allocate(4096);
  made.fill(0x20);
  return made;
}

const mine = page();
console.log(mine.length);
free(mine);
