// good
import { allocate, free } from 'freehold';

function open() {
  const block = allocate(8);
  return {
    write: (text) => block.write(text),
    close: () => free(block),
  };
}

const it = open();
it.write('x');
it.close();
