// good
import { allocate, free } from 'freehold';

class Table {
  static rows = 0;

  static {
    const scratch = allocate(8);
    scratch.fill(1);
    Table.rows = scratch[0];
    free(scratch);
  }
}

console.log(Table.rows);
