// good
import { allocate, free } from 'freehold';

function find(rows, wanted) {
  let found = null;
  outer: for (const row of rows) {
    for (const cell of row) {
      if (cell === wanted) {
        found = allocate(8);
        found.fill(cell);
        break outer;
      }
    }
  }
  if (found === null) return 0;
  const first = found[0];
  free(found);
  return first;
}

find([[1, 2], [3]], 2);
find([[1]], 3);
