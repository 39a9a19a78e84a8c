// @ts-check
// Debug mode: a parser that leaks on one of its paths, a second free and a stale block, each with the place that has done it.
import { Heap, configure, leaks, memoryStats } from 'freehold';

configure({ debug: { onLeak: 'ignore' } });
const heap = new Heap({ name: 'parser' });

/**
 * @param {string} text
 * @returns {number | null}
 */
function parse(text) {
  // eslint-disable-next-line freehold/no-leak -- this is the leak that is looked for; `npx freehold check` finds it, too
  const buffer = heap.alloc(text.length);
  buffer.write(text);
  if (buffer[0] !== 0x7b) return null; // the leak
  const { length } = buffer;
  heap.free(buffer);
  return length;
}

for (const text of ['{}', '[1, 2, 3]', '[4]']) parse(text);

for (const { bytes, blocks, site } of leaks().sites) {
  console.log(`${bytes} bytes in ${blocks} blocks were allocated by ${/at (\w+)/.exec(site)?.[1]}`);
}

const block = heap.alloc(16);
heap.free(block);
for (const mistake of [() => heap.free(block), () => block.toString()]) {
  try {
    mistake();
  } catch (error) {
    const { code, message } = /** @type {import('freehold').FaultError} */ (error);
    console.log(
      code,
      message
        .split('\n')
        .filter((line) => /:$/.test(line))
        .join(' '),
    );
  }
}

heap.dispose();
console.log(String(memoryStats()));

/* Prints:
12 bytes in 2 blocks were allocated by parse
ERR_FREEHOLD_DOUBLE_FREE allocated: freed first: freed again:
ERR_FREEHOLD_USE_AFTER_FREE allocated: freed:
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B     …
manual              0       0     0 B     …
arenas              0             0 B     …
pools               0       0     0 B     …
…
*/
