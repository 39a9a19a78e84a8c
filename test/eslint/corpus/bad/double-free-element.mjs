// bad: no-double-free 8
import { allocate, free } from 'freehold';

function run() {
  const pages = [allocate(8), allocate(8)];
  free(pages[0]);
  free(pages[1]);
  free(pages[0]);
}

run();
