// good
import { RcHeap, auto } from 'freehold';

const heap = new RcHeap();

function run() {
  const line = auto(
    (memory) => {
      const scratch = memory.alloc(100);
      scratch.write('result');
      return memory.copy(scratch.subarray(0, 6));
    },
    { heap },
  );
  const text = line.toString();
  line.release();
  return text;
}

run();
