// bad: no-leak 8
import { Heap, withManual } from 'freehold';

const heap = new Heap();

withManual(
  (manual) => {
    const block = manual.alloc(8);
    block.fill(1);
  },
  { heap },
);
