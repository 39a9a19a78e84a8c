// @ts-check
// fragmentation.mjs <peer> <live bytes> <replacements>: random replacement at a steady live size with one allocator; sends
// how much memory that takes per live byte.
import { Heap } from 'freehold';
import { loadMalloc } from '../../lib/native.mjs';
import { sizesBetween, victimsOf } from '../../lib/random.mjs';
import { memory } from '../../lib/resident.mjs';

const SMALLEST = 16;
const LARGEST = 32_768;

const [, , peer, liveBytes, replacements] = process.argv;
const sizes = sizesBetween(SMALLEST, LARGEST, 1 << 16);
const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
const live = Math.round(Number(liveBytes) / mean);
const victims = victimsOf(live, Number(replacements));
/** The size of each block that is live in the end. */
const last = new Uint32Array(live);

/** @type {Uint8Array[]} */
const table = new Array(live).fill(Buffer.alloc(0));
const heap = new Heap();
const before = memory();

const PEERS = {
  heap: () =>
    fill(
      (size) => heap.allocUnsafe(size),
      (block) => heap.free(block),
    ),
  allocUnsafe: () => fill(Buffer.allocUnsafe, () => {}),
  allocUnsafeSlow: () => fill(Buffer.allocUnsafeSlow, () => {}),
  cMalloc: () => void loadMalloc().replace(sizes, live, victims, 1, true),
};

/**
 * @param {(size: number) => Uint8Array} take
 * @param {(block: Uint8Array) => void} free
 */
function fill(take, free) {
  let next = 0;
  const put = (/** @type {number} */ slot) => {
    const size = sizes[next++ & (sizes.length - 1)];
    const block = take(size);
    for (let at = 0; at < size; at += 4096) block[at] = 1;
    table[slot] = block;
  };
  for (let slot = 0; slot < live; slot++) put(slot);
  for (const victim of victims) {
    free(table[victim]);
    put(victim);
  }
}

PEERS[/** @type {keyof typeof PEERS} */ (peer)]();

for (let i = 0; i < live; i++) last[i] = sizes[i & (sizes.length - 1)];
victims.forEach((victim, i) => (last[victim] = sizes[(live + i) & (sizes.length - 1)]));
const requested = last.reduce((sum, size) => sum + size, 0);
const grown = memory() - before;
const { bytesReserved, bytesMetadata } = heap.stats();
const slabs = new Set(table.map((block) => block.buffer));
const inMemory = [...slabs].reduce((sum, buffer) => sum + loadMalloc().resident(buffer), 0);
process.send?.({
  blocks: live,
  rss: grown / requested,
  ...(peer === 'heap' && {
    committed: (bytesReserved + bytesMetadata) / requested,
    resident: (inMemory + bytesMetadata) / requested,
  }),
});
