// good
import { allocate, free } from 'freehold';

function* numbers() {
  const table = allocate(16);
  try {
    table.fill(7);
    yield table[0];
    yield table[1];
  } finally {
    free(table);
  }
}

for (const number of numbers()) {
  console.log(number);
  break;
}
