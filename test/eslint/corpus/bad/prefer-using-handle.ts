// bad: prefer-using 7
import { Heap, owned } from 'freehold';

const heap = new Heap();

function first(): number {
  const handle = owned(heap, 8);
  const { length } = handle.value;
  handle.dispose();
  return length;
}

first();
