// @ts-check
// A child of bench/debug/instructions, under callgrind: so many thousand operations of hot paths, with the module that is imported
// as the argument says. Debug mode is there with 'freehold', and not with the classes alone.
const [, , from, thousands = '0'] = process.argv;

const { Arena, Heap, Pool } =
  from === 'classes'
    ? {
        ...(await import('../../dist/arena.js')),
        ...(await import('../../dist/heap.js')),
        ...(await import('../../dist/pool.js')),
      }
    : await import('freehold');
if (from === 'debug-imported') await import('../../dist/debug/debug.js');

const arena = new Arena({ initialBytes: 1 << 20 });
const pool = new Pool({ blockBytes: 64 });
const heap = new Heap();

/** @param {number} count */
function operations(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 10; k++) sum += arena.allocUnsafe(64).length;
    arena.reset();
    const block = pool.allocUnsafe();
    pool.free(block);
    const other = heap.allocUnsafe(100);
    heap.free(other);
    sum += block.length + other.length;
  }
  return sum;
}

// Until V8 has compiled it for good; the same in each run.
for (let i = 0; i < 30; i++) operations(1000);
operations(Number(thousands) * 1000);
