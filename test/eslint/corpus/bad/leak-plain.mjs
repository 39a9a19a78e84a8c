// bad: no-leak 5
import { allocate } from 'freehold';

function greet(name) {
  const line = allocate(64);
  line.write(name);
  return line.toString('latin1', 0, name.length);
}

greet('you');
