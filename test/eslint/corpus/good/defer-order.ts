// good
import { allocate, defer, free } from 'freehold';

function run(): void {
  const first = allocate(8);
  using _first = defer(() => free(first));
  const second = allocate(8);
  using _second = defer(() => {
    second.fill(0);
    free(second);
  });
  second.copy(first);
}

run();
