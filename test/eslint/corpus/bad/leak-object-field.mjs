// bad: no-leak 7
import { allocate, free } from 'freehold';

function run() {
  const page = {
    head: allocate(8),
    body: allocate(16),
  };
  page.body.fill(1);
  free(page.head);
}

run();
