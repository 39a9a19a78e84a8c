// bad: require-ownership 7
import { Heap } from 'freehold';

const heap = new Heap();

function run(text) {
  const { length } = heap.string(text);
  return length;
}

run('abc');
