// good
import { allocate, free } from 'freehold';

function greet(name) {
  const line = allocate(64);
  line.write(name);
  const text = line.toString('latin1', 0, name.length);
  free(line);
  return text;
}

greet('you');
