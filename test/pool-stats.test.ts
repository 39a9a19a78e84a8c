import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Pool, memoryStats } from 'freehold';
import { collectUntil } from './lib/collect.ts';
import { refusal } from './lib/codes.ts';

describe('the figures of a pool', () => {
  test('count blocks with their padding, and the most there were', () => {
    using pool = new Pool({ blockBytes: 100, alignment: 64, name: 'figures' });
    const indices = Array.from({ length: 9 }, () => pool.allocIndex());
    for (const index of indices.slice(3)) pool.freeIndex(index);
    const stats = pool.stats();
    expect(stats).toMatchObject({ kind: 'pool', name: 'figures', blockBytes: 100, alignment: 64 });
    expect(stats).toMatchObject({ blocks: 3, blocksPeak: 9, bytesUsed: 3 * 128, bytesPeak: 9 * 128 });
    expect(stats).toMatchObject({ retired: 0, orphanings: 0, pins: 0, slabs: 1, maxBlocks: 2 ** 30 });
    expect(stats.bytesReserved).toBeGreaterThanOrEqual(stats.capacity * 128);
  });

  test('have the peak right also where the block that was freed last is taken again', () => {
    using pool = new Pool({ blockBytes: 16 });
    for (let count = 0; count < 5; count++) pool.freeIndex(pool.allocIndex());
    expect(pool.stats().blocksPeak).toBe(1);
    const first = pool.allocIndex();
    pool.allocIndex();
    pool.freeIndex(first);
    pool.allocIndex();
    expect(pool.stats()).toMatchObject({ blocks: 2, blocksPeak: 2 });
  });

  test.each([64, 1024])(
    'have at most 8 bytes of tables for each block of %i, and a record for each slab',
    (blockBytes) => {
      using pool = new Pool({ blockBytes, preheat: 10_000 });
      const { bytesMetadata, capacity, slabs } = pool.stats();
      expect(bytesMetadata).toBeGreaterThan(0);
      expect(bytesMetadata).toBeLessThanOrEqual(8 * capacity + 64 * slabs);
    },
  );

  test('have at most 1 % of tables where blocks have 1 KiB', () => {
    using pool = new Pool({ blockBytes: 1024 });
    for (let count = 0; count < 5000; count++) pool.allocIndex();
    const { bytesMetadata, bytesReserved } = pool.stats();
    expect(bytesMetadata).toBeLessThanOrEqual(bytesReserved / 100);
  });

  test('are what JSON shows, and inspect shows the name and how full it is', () => {
    const pool = new Pool({ blockBytes: 64, name: 'shown' });
    pool.alloc();
    expect(JSON.parse(JSON.stringify(pool))).toEqual({ ...pool.stats() });
    expect(inspect(pool)).toBe(`Pool(shown) { 1 of ${pool.capacity} blocks of 64 bytes }`);
    pool.dispose();
    expect(inspect(pool)).toBe('Pool(shown) { disposed }');
  });
});

describe('a pool that was disposed', () => {
  test('ends every view, has no figures but totals, and refuses every use', () => {
    const pool = new Pool({ blockBytes: 64 });
    const before = memoryStats().pools;
    const blocks = [pool.alloc(), pool.alloc(8)];
    pool.dispose();
    pool.dispose();
    pool[Symbol.dispose]();
    pool.orphan();
    expect(blocks.map(({ length }) => length)).toEqual([0, 0]);
    expect(pool.stats()).toMatchObject({ blocks: 0, blocksPeak: 2, bytesUsed: 0, bytesReserved: 0 });
    expect(pool.stats()).toMatchObject({ capacity: 0, slabs: 0, bytesMetadata: 0 });
    expect([pool.disposed, pool.blocks, pool.capacity, pool.isLive(0)]).toEqual([true, 0, 0, false]);
    for (const use of [
      () => pool.allocIndex(),
      () => pool.tryAllocIndex(),
      () => pool.freeIndex(0),
      () => pool.view(0),
      () => pool.address(0),
      () => pool.allocHandle(),
      () => pool.preheat(1),
      () => pool.trim(),
      () => pool.free(blocks[0]),
    ])
      refusal(use, 'ERR_FREEHOLD_DISPOSED');
    expect(memoryStats().pools.count).toBe(before.count - 1);
  });

  test('by orphan leaves its memory to the views, which no newer block reaches', () => {
    const pool = new Pool({ blockBytes: 64 });
    const block = pool.alloc().fill(7);
    pool.orphan();
    using other = new Pool({ blockBytes: 64 });
    for (let count = 0; count < 1000; count++) other.alloc().fill(9);
    expect([...block]).toEqual(new Array(64).fill(7));
    expect(pool.stats().orphanings).toBe(1);
    refusal(() => pool.alloc(), 'ERR_FREEHOLD_DISPOSED');
  });
});

describe('a pool that is dropped', () => {
  test('is freed by the collector', async () => {
    await collectUntil(() => memoryStats().pools.count === 0);
    const { count } = memoryStats().pools;
    (() => {
      for (let index = 0; index < 20; index++) new Pool({ blockBytes: 1000 }).alloc();
    })();
    expect(memoryStats().pools.count).toBe(count + 20);
    await collectUntil(() => memoryStats().pools.count <= count);
    expect(memoryStats().pools.count).toBe(count);
  });

  test('stays while a view of its memory is left', async () => {
    const view = (() => new Pool({ blockBytes: 64 }).array(Int32Array).fill(7))();
    await collectUntil(() => false);
    expect([...view]).toEqual(new Array(16).fill(7));
  });
});
