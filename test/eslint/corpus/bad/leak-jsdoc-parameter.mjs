// bad: no-leak 9
import { Heap } from 'freehold';

/**
 * @param {Heap} heap
 * @param {string} text
 */
function measure(heap, text) {
  const block = heap.string(text);
  return block.length;
}

const shared = new Heap();
measure(shared, 'x');
