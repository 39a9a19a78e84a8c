// good
import { allocate, free } from 'freehold';

function render(write) {
  let size = 2;
  while (true) {
    const block = allocate(size);
    const used = write(block);
    if (used <= size) {
      const text = block.toString('latin1', 0, used);
      free(block);
      return text;
    }
    free(block);
    size = used;
  }
}

render((block) => {
  block.write('hello');
  return 5;
});
