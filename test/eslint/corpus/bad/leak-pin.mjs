// bad: no-leak 7
import { allocate } from 'freehold';

const table = allocate(64);

function run() {
  const pin = table.pin();
  table.fill(1);
}

run();
console.log(table.length);
