import { describe, expect, test } from 'vitest';
import { Arena, Heap, Pool, memoryStats, trimChunkCache } from 'freehold';
import { backing } from './lib/memory.ts';

describe('memoryStats', () => {
  test('counts the arenas, and what they used and hold', () => {
    const before = memoryStats().arenas;
    const arenas = [new Arena(), new Arena({ initialBytes: 4096 })];
    arenas[0].alloc(1000);
    arenas[1].alloc(500_000);
    const { arenas: now } = memoryStats();
    expect(now.count - before.count).toBe(2);
    expect(now.bytesUsed - before.bytesUsed).toBe(501_000);
    const reserved = arenas[0].stats().bytesReserved + arenas[1].stats().bytesReserved;
    expect(now.bytesReserved - before.bytesReserved).toBe(reserved);
    for (const arena of arenas) arena.dispose();
    expect(memoryStats().arenas).toEqual(before);
  });

  test('counts the pools, and those that heaps have for their size classes', () => {
    const before = memoryStats();
    const pool = new Pool({ blockBytes: 1000, preheat: 1 });
    const heap = new Heap();
    for (const size of [16, 16, 100, 50_000]) heap.alloc(size);
    const now = memoryStats();
    expect(now.pools.count - before.pools.count).toBe(3);
    expect(now.blocks.count - before.blocks.count).toBe(1);
    const reserved = pool.stats().bytesReserved + heap.stats().bytesReserved;
    const large = now.blocks.bytesReserved - before.blocks.bytesReserved;
    expect(now.pools.bytesReserved - before.pools.bytesReserved).toBe(reserved - large);
    expect(large).toBeGreaterThanOrEqual(50_000);
    pool.dispose();
    heap.dispose();
    expect(memoryStats()).toMatchObject({ pools: before.pools, blocks: before.blocks });
  });

  test('says where chunks come from', () => {
    expect(memoryStats().backing).toBe(process.env.FREEHOLD_BACKING === 'v8' ? 'v8' : 'pages');
  });

  test.runIf(backing === 'pages')('has every mapped byte held, cached or orphaned', () => {
    const arena = new Arena();
    const pool = new Pool({ blockBytes: 4096 });
    const kept: Buffer[] = [];
    for (let round = 0; round < 5; round++) {
      kept.push(arena.alloc(100_000 * round), pool.alloc());
      arena.reset({ mode: round % 2 === 0 ? 'orphan' : 'detach' });
      const { arenas, pools, chunks } = memoryStats();
      const held = arenas.bytesReserved + pools.bytesReserved;
      expect(chunks.mappedBytes).toBe(held + chunks.cachedBytes + chunks.orphanedBytes);
    }
    const { chunks } = memoryStats();
    expect(chunks.orphaned).toBeGreaterThanOrEqual(3);
    expect(chunks.mapped).toBeGreaterThanOrEqual(chunks.cached + chunks.orphaned);
    expect(kept.length).toBe(10);
    pool.dispose();
  });
});

describe.runIf(backing === 'pages')('the cache of chunks', () => {
  test('keeps what a disposed arena held for the next', () => {
    trimChunkCache();
    const arena = new Arena();
    const { address } = arena.alloc(16);
    arena.dispose();
    expect(memoryStats().chunks).toMatchObject({ cached: 1, cachedBytes: 65536 });
    const next = new Arena();
    expect(next.alloc(16).address).toBe(address);
    expect(memoryStats().chunks.cached).toBe(0);
    next.dispose();
  });

  test('is bounded to 16 MiB', () => {
    const arenas = Array.from({ length: 10 }, () => new Arena({ initialBytes: 4 << 20 }));
    for (const arena of arenas) arena.alloc(1);
    for (const arena of arenas) arena.dispose();
    const { cachedBytes } = memoryStats().chunks;
    expect(cachedBytes).toBeLessThanOrEqual(16 << 20);
    expect(cachedBytes).toBeGreaterThan(8 << 20);
  });

  test('is given back by trimChunkCache, which says how much that was', () => {
    const arena = new Arena();
    arena.alloc(1);
    arena.dispose();
    const before = memoryStats().chunks;
    expect(before.cachedBytes).toBeGreaterThan(0);
    expect(trimChunkCache()).toBe(before.cachedBytes);
    const after = memoryStats().chunks;
    expect(after).toMatchObject({ cached: 0, cachedBytes: 0 });
    expect(before.mappedBytes - after.mappedBytes).toBe(before.cachedBytes);
    expect(trimChunkCache()).toBe(0);
  });
});
