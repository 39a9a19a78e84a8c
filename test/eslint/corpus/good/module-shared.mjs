// good
import { allocate, free } from 'freehold';

const table = allocate(256);

export function put(index, value) {
  table[index] = value;
}

export function close() {
  free(table);
}

put(0, 1);
close();
