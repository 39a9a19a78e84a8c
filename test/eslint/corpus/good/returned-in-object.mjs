// good
import { allocate, free } from 'freehold';

function pair() {
  const head = allocate(8);
  const body = allocate(8);
  return { head, body, size: 16 };
}

function run() {
  const { head, body } = pair();
  head.copy(body);
  free(head);
  free(body);
}

run();
