// bad: no-leak 5
import { allocate, free } from 'freehold';

function parse(text) {
  const copy = allocate(64);
  copy.write(text);
  if (text.length === 0) return null;
  const first = copy[0];
  free(copy);
  return first;
}

parse('');
