// good
import { Heap } from 'freehold';

const heap = new Heap();

function collect(chunks) {
  let out = heap.alloc(8);
  let used = 0;
  for (const chunk of chunks) {
    while (used + chunk.length > out.length) out = heap.realloc(out, out.length * 2);
    used += out.write(chunk, used);
  }
  const text = out.toString('latin1', 0, used);
  heap.free(out);
  return text;
}

collect(['hello', ' world']);
