// good
import { Heap } from 'freehold';

const heap = new Heap();

function open(read) {
  const header = heap.alloc(16);
  try {
    header.write(read());
    return header;
  } catch (error) {
    heap.free(header);
    throw error;
  }
}

heap.free(open(() => 'x'));
