// bad: no-leak 8
import { allocate } from 'freehold';

class Table {
  static rows = 0;

  static {
    const scratch = allocate(8);
    scratch.fill(1);
    Table.rows = scratch[0];
  }
}

console.log(Table.rows);
