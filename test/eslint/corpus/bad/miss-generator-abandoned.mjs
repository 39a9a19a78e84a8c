// bad: no-leak 6
// limit: generators that are abandoned
import { allocate, free } from 'freehold';

function* numbers() {
  const table = allocate(16);
  yield table[0];
  yield table[1];
  free(table);
}

for (const number of numbers()) {
  console.log(number);
  break;
}
