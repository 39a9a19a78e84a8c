// bad: no-leak 4
import { allocate } from 'freehold';

const table = allocate(256);
table.fill(0);
console.log(table.length);
