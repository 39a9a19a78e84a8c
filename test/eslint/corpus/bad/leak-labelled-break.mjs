// bad: no-leak 6
import { allocate, free } from 'freehold';

function find(rows, wanted) {
  outer: for (const row of rows) {
    const copy = allocate(16);
    for (const cell of row) {
      if (cell === wanted) break outer;
    }
    free(copy);
  }
}

find([[1, 2], [3]], 2);
