import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Heap, memoryStats } from 'freehold';
import { collectUntil } from './lib/collect.ts';
import { refusal } from './lib/codes.ts';
import { canEscape, escape } from './lib/memory.ts';

describe('a pinned block of a heap', () => {
  test.each([64, 50_000])('of %i bytes is neither freed nor moved, and holds the heap', (size) => {
    const heap = new Heap();
    const block = heap.alloc(size);
    const pins = [block.pin(), heap.pin(new DataView(block.buffer, block.byteOffset + 8, 4))];
    expect(heap.stats().pins).toBe(2);
    refusal(() => heap.free(block), 'ERR_FREEHOLD_PINNED');
    refusal(() => heap.realloc(block, 500_000), 'ERR_FREEHOLD_PINNED');
    refusal(() => heap.dispose(), 'ERR_FREEHOLD_PINNED');
    expect([heap.disposed, block.length, heap.stats().blocks]).toEqual([false, size, 1]);
    for (const pin of pins) pin.release();
    heap.dispose();
    expect(block.length).toBe(0);
  });

  test.runIf(canEscape)('whose memory was moved away holds nothing any more', () => {
    const heap = new Heap();
    for (const size of [64, 50_000]) {
      const block = heap.alloc(size);
      block.pin();
      escape(block.buffer);
      refusal(() => heap.free(block), 'ERR_FREEHOLD_USE_AFTER_FREE');
      heap.alloc(size);
    }
    expect(heap.stats().pins).toBe(0);
    heap.dispose();
  });
});

describe('the figures of a heap', () => {
  test('add up over classes and large blocks, and trim gives back what is empty', () => {
    using heap = new Heap({ name: 'figures' });
    const blocks = [10, 16, 100, 3000, 40_000, 100_000].map((size) => heap.alloc(size));
    const usable = blocks.reduce((sum, block) => sum + heap.usableSize(block), 0);
    expect(heap.stats()).toMatchObject({ kind: 'heap', name: 'figures', blocks: 6, large: 2, classes: 3 });
    expect(heap.stats()).toMatchObject({ bytesUsed: usable, bytesPeak: usable });
    const { bytesReserved } = heap.stats();
    expect(heap.trim()).toBe(0);
    for (const block of blocks) heap.free(block);
    expect(heap.stats()).toMatchObject({ blocks: 0, large: 0, bytesUsed: 0, bytesPeak: usable });
    const trimmed = heap.trim();
    expect(trimmed).toBeGreaterThan(0);
    expect(trimmed).toBeLessThan(bytesReserved);
    expect(heap.stats()).toMatchObject({ bytesReserved: 0, classes: 0 });
    for (const block of blocks)
      refusal(() => heap.free(block), block.length === 0 ? code(block) : 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(heap.alloc(10).length).toBe(10);
    function code({ buffer }: Buffer): 'ERR_FREEHOLD_DOUBLE_FREE' | 'ERR_FREEHOLD_USE_AFTER_FREE' {
      const large = blocks.slice(4).some((block) => block.buffer === buffer);
      return large ? 'ERR_FREEHOLD_DOUBLE_FREE' : 'ERR_FREEHOLD_USE_AFTER_FREE';
    }
  });

  test('are what JSON shows, and inspect says how full it is', () => {
    const heap = new Heap({ name: 'shown' });
    heap.alloc(16);
    expect(JSON.parse(JSON.stringify(heap))).toEqual({ ...heap.stats() });
    expect(inspect(heap)).toBe('Heap(shown) { 16 bytes in 1 block(s) }');
    heap.dispose();
    heap.dispose();
    expect(inspect(heap)).toBe('Heap(shown) { disposed }');
    refusal(() => heap.alloc(16), 'ERR_FREEHOLD_DISPOSED');
    expect(heap.stats()).toMatchObject({ bytesUsed: 0, bytesReserved: 0, blocks: 0, bytesMetadata: 0 });
  });

  test('of one that is dropped: its pools and pages are freed by the collector', async () => {
    await collectUntil(() => memoryStats().pools.count === 0);
    const before = memoryStats();
    (() => {
      for (let index = 0; index < 5; index++) new Heap().alloc(100 + new Heap().alloc(50_000).length);
    })();
    const made = (): number => memoryStats().pools.count + memoryStats().blocks.count;
    await collectUntil(() => made() <= before.pools.count + before.blocks.count);
    expect(made()).toBe(before.pools.count + before.blocks.count);
  });
});

describe.runIf(canEscape)('memory that was moved out of a pool of a heap', () => {
  test.each([64, 50_000])('of %i bytes is used no more, and the heap goes on', (size) => {
    using heap = new Heap();
    const blocks = [heap.alloc(size), heap.alloc(size)];
    const moved = escape(blocks[0].buffer).fill(1);
    const gone = blocks.filter(({ length }) => length === 0);
    for (const block of gone) {
      refusal(() => heap.realloc(block, 8), 'ERR_FREEHOLD_USE_AFTER_FREE');
      refusal(() => heap.usableSize(block), 'ERR_FREEHOLD_USE_AFTER_FREE');
      expect(heap.owns(block)).toBe(false);
    }
    // What ends a block that is the heap's last word on its slot takes no look at its memory.
    if (size > 64) refusal(() => heap.free(blocks[0]), 'ERR_FREEHOLD_USE_AFTER_FREE');
    else heap.free(blocks[0]);
    for (let count = 0; count < 2000; count++) heap.alloc(64).fill(9);
    for (const block of gone) refusal(() => heap.free(block), 'ERR_FREEHOLD_USE_AFTER_FREE');
    for (let count = 0; count < 20; count++) heap.alloc(size).fill(9);
    expect(moved.every((byte) => byte === 1)).toBe(true);
    expect(heap.stats().orphanings).toBe(1);
  });
});
