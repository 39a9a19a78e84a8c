// good
import { allocate, free } from 'freehold';

function produce(consume) {
  const block = allocate(8);
  block.fill(1);
  consume(block);
}

produce((block) => free(block));
