// good
import { allocate, free } from 'freehold';

function find(name) {
  if (name === '') return null;
  const found = allocate(16);
  found.write(name);
  return found;
}

function run(name) {
  const found = find(name);
  if (found === null) return 0;
  const { length } = found;
  free(found);
  return length;
}

run('');
run('x');
