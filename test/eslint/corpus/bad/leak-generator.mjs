// bad: no-leak 5
import { allocate } from 'freehold';

function* numbers() {
  const table = allocate(16);
  table.fill(7);
  yield table[0];
  yield table[1];
}

console.log([...numbers()].length);
