// bad: no-leak 11
import { allocate, free } from 'freehold';

function pair() {
  const head = allocate(8);
  const body = allocate(8);
  return { head, body };
}

function run() {
  const { head, body } = pair();
  body.fill(1);
  free(head);
}

run();
