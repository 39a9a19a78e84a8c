// What an attacker makes of a fault that is not found.
import { readFileSync } from 'node:fs';
import { Heap, Pool } from 'freehold';

import { memset } from './native.mjs';
import { commit, prevented, undetected } from './support.mjs';

/** Whether the next block has the address of the one that was freed just now. */
function reuse(before, after, by = 'free') {
  const heap = new Heap();
  const block = heap.alloc(before);
  const { address } = block;
  const next = commit(() => {
    if (by === 'realloc') return heap.realloc(block, after);
    heap.free(block);
    return heap.alloc(after);
  });
  return next.address === address ? undetected('it is at the same address') : prevented('it is elsewhere');
}

export const faults = {
  reuse: () => reuse(64, 64),
  'reuse-smaller': () => reuse(64, 32),
  'reuse-realloc': () => reuse(64, 4096, 'realloc'),
  'zero-different': () => {
    const heap = new Heap();
    const [a, b] = [heap.alloc(0), heap.alloc(0)];
    return a.address === b.address ? undetected('it is the same') : prevented('they differ');
  },
  executable: () => {
    const { address } = new Heap().alloc(64);
    const map = readFileSync('/proc/self/maps', 'utf8')
      .split('\n')
      .map((line) => /^(\w+)-(\w+) (\S+)/.exec(line))
      .find(
        (found) => found !== null && address >= BigInt(`0x${found[1]}`) && address < BigInt(`0x${found[2]}`),
      );
    return map[3].includes('x') ? undetected('it can be run') : prevented(map[3]);
  },
  'free-list': () => {
    const pool = new Pool({ blockBytes: 64 });
    const blocks = Array.from({ length: 8 }, () => pool.alloc());
    const places = new Set(blocks.map((block) => block.address));
    for (const block of blocks) pool.free(block);
    if (places.size !== 8) throw new Error('blocks overlap');
    for (const place of places) commit(() => void memset(place, 0x41, 64));
    const again = new Set(Array.from({ length: 8 }, () => pool.alloc().address));
    return again.size === 8 && pool.stats().blocks === 8
      ? undetected('the freed bytes have changed, and nothing else')
      : undetected('the pool is broken');
  },
};
