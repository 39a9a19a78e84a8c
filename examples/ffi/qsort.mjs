// @ts-check
// C sorts a block in place, by a function of JavaScript's. Needs `npm install koffi`.
import { Arena, memoryStats } from 'freehold';
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
koffi.proto('int Compare(void *left, void *right)');
const qsort = libc.func('void qsort(void *base, size_t count, size_t bytes, Compare *compare)');

const arena = new Arena();
const block = arena.alloc(8 * Float64Array.BYTES_PER_ELEMENT);
const numbers = new Float64Array(block.buffer, block.byteOffset, 8);
numbers.set([3, 1, 4, 1.5, 9, 2.6, 5, 3.5]);

// The block itself is the argument: C is given its address, and nothing is copied.
qsort(block, numbers.length, 8, (/** @type {unknown} */ left, /** @type {unknown} */ right) => {
  const [a, b] = [koffi.decode(left, 'double'), koffi.decode(right, 'double')];
  return Math.sign(a - b);
});
console.log(numbers.join(' '));

arena.dispose();
console.log(String(memoryStats()));

/* Prints:
1 1.5 2.6 3 3.5 4 5 9
memory: 0 B in use of 0 B held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B   0 B
manual              0       0     0 B   0 B
arenas              0             0 B   0 B
pools               0       0     0 B   0 B
…
*/
