import { describe, expect, test } from 'vitest';
import { inspect } from 'node:util';

import {
  Arena,
  Heap,
  Pool,
  RcHeap,
  memoryStats,
  pageAllocator,
  trimChunkCache,
  trimScopes,
  withArena,
} from 'freehold';

import { collectUntil } from './lib/collect.ts';
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

  test('counts the pools that were made, and what is freed by hand, large and small', () => {
    const before = memoryStats();
    const pool = new Pool({ blockBytes: 1000, preheat: 1 });
    const heap = new Heap();
    const pages = pageAllocator();
    const block = pool.alloc();
    for (const size of [16, 16, 100, 50_000]) heap.alloc(size);
    pages.alloc(5000);
    const now = memoryStats();
    expect(now.pools).toEqual({
      count: before.pools.count + 1,
      blocks: before.pools.blocks + 1,
      bytesUsed: before.pools.bytesUsed + pool.stats().bytesUsed,
      bytesReserved: before.pools.bytesReserved + pool.stats().bytesReserved,
    });
    expect(now.manual).toEqual({
      count: before.manual.count + 2,
      blocks: before.manual.blocks + 5,
      bytesUsed: before.manual.bytesUsed + heap.stats().bytesUsed + pages.stats().bytesUsed,
      bytesReserved: before.manual.bytesReserved + heap.stats().bytesReserved + pages.stats().bytesReserved,
    });
    expect(now.blocks.count - before.blocks.count).toBe(2);
    expect(now.blocks.bytesReserved - before.blocks.bytesReserved).toBeGreaterThanOrEqual(55_000);
    pool.free(block);
    expect(memoryStats().pools.blocks).toBe(before.pools.blocks);
    for (const each of [pool, heap, pages]) each.dispose();
    expect(memoryStats()).toMatchObject({
      pools: before.pools,
      manual: before.manual,
      blocks: before.blocks,
    });
  });

  test('counts reference-counted blocks', () => {
    const before = memoryStats().rc;
    const heap = new RcHeap();
    const blocks = [heap.alloc(100), heap.alloc(50_000)];
    const { bytesUsed, bytesReserved } = heap.stats();
    expect(memoryStats().rc).toEqual({
      count: before.count + 1,
      blocks: before.blocks + 2,
      bytesUsed: before.bytesUsed + bytesUsed,
      bytesReserved: before.bytesReserved + bytesReserved,
    });
    for (const block of blocks) block.release();
    expect(memoryStats().rc.blocks).toBe(before.blocks);
    heap.dispose();
    expect(memoryStats().rc).toEqual(before);
  });

  test('sums up what lives, and knows the most that was mapped', () => {
    const before = memoryStats();
    const arena = new Arena();
    const heap = new Heap();
    arena.alloc(30 << 20);
    heap.alloc(1000);
    const now = memoryStats();
    expect(now.active.allocators - before.active.allocators).toBe(2);
    expect(now.active.blocks - before.active.blocks).toBe(1);
    expect(now.totals.bytesUsed - before.totals.bytesUsed).toBe((30 << 20) + heap.stats().bytesUsed);
    const reserved = arena.stats().bytesReserved + heap.stats().bytesReserved;
    expect(now.totals.bytesReserved - before.totals.bytesReserved).toBe(reserved);
    expect(now.peak.mappedBytes).toBeGreaterThanOrEqual(30 << 20);
    arena.dispose();
    heap.dispose();
    const after = memoryStats();
    expect(after.peak).toEqual(now.peak);
    expect(after.chunks.mappedBytes).toBeLessThan(now.peak.mappedBytes);
    expect(after.active).toEqual(before.active);
  });

  test('forgets allocators that were dropped', async () => {
    const { count } = memoryStats().rc;
    (() => {
      for (let made = 0; made < 100; made++) new RcHeap();
    })();
    await collectUntil(() => memoryStats().rc.count <= count);
    expect(memoryStats().rc.count).toBe(count);
  });

  test('tells arenas that wait for the next scope from those in use', () => {
    trimScopes();
    const before = memoryStats().arenas;
    withArena(() => withArena((arena) => arena.alloc(1).length));
    expect(memoryStats().arenas).toMatchObject({ count: before.count + 2, idle: before.idle + 2 });
    expect(memoryStats().toString()).toContain('2 of the arenas kept for the next request or scope');
    expect(withArena(() => memoryStats().arenas.idle)).toBe(before.idle + 1);
    expect(trimScopes()).toBe(2);
    expect(memoryStats().arenas).toEqual(before);
  });

  test('names the strategy of the code that asks', () => {
    expect(memoryStats().strategy).toBe('automatic');
    expect(withArena(() => memoryStats().strategy)).toBe('arena');
  });

  test('is a report when it is printed, and figures in JSON', () => {
    using arena = new Arena();
    arena.alloc(3 << 20);
    const stats = memoryStats();
    const report = stats.toString();
    expect(report).toMatch(
      /^memory: [\d.]+ MiB in use of [\d.]+ MiB held, at most [\d.]+ MiB mapped; strategy automatic\n/,
    );
    expect(report).toMatch(/\n +allocators {2}blocks +in use +held\n/);
    expect(report).toMatch(/\narenas +\d+ +3 MiB +[\d.]+ MiB/);
    expect(inspect(stats)).toBe(report);
    const figures = JSON.parse(JSON.stringify(stats)) as Record<string, unknown>;
    expect(figures).toEqual(stats.toJSON());
    expect(Object.keys(figures)).toEqual([
      'strategy',
      'manual',
      'arenas',
      'pools',
      'rc',
      'blocks',
      'foreign',
      'active',
      'totals',
      'peak',
      'chunks',
      'backing',
    ]);
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
      const { totals, chunks } = memoryStats();
      const held = totals.bytesReserved;
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
