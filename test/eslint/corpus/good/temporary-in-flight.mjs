// good
import { allocate, free } from 'freehold';

function close(block, result) {
  free(block);
  return result;
}

function run() {
  let count = 0;
  const next = () => {
    const step = 1;
    count += step;
    return count;
  };
  return close(allocate(8), next());
}

run();
