// bad: no-double-free 6
import { allocate, free } from 'freehold';

function close(block) {
  free(block);
  free(block);
}

close(allocate(8));
