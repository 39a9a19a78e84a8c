import { describe, expect, test } from 'vitest';
import { Pool, type PoolOptions } from 'freehold';
import { refusal } from './lib/codes.ts';

describe('maxBlocks', () => {
  test.each([1, 2, 3, 7, 8, 9, 100, 1000, 1025])('of %i is exact', (maxBlocks) => {
    using pool = new Pool({ blockBytes: 64, maxBlocks, slabBytes: 4096, name: 'bounded' });
    const blocks = Array.from({ length: maxBlocks }, () => pool.alloc());
    const { message } = refusal(() => pool.alloc(), 'ERR_FREEHOLD_LIMIT');
    expect(message).toContain('bounded');
    expect(message).toContain(String(maxBlocks));
    refusal(() => pool.allocIndex(), 'ERR_FREEHOLD_LIMIT');
    refusal(() => pool.allocHandle(), 'ERR_FREEHOLD_LIMIT');
    expect([pool.tryAlloc(), pool.tryAllocIndex(), pool.capacity]).toEqual([null, -1, maxBlocks]);
    pool.free(blocks[0]);
    expect(pool.alloc()).toBe(blocks[0]);
  });

  test('still holds after trim and regrowth', () => {
    using pool = new Pool({ blockBytes: 1000, maxBlocks: 700 });
    for (let round = 0; round < 3; round++) {
      const blocks = Array.from({ length: 700 }, () => pool.alloc());
      expect(pool.tryAlloc()).toBe(null);
      for (const block of blocks) pool.free(block);
      expect(pool.trim()).toBeGreaterThanOrEqual(700_000);
      expect(pool.stats()).toMatchObject({ slabs: 0, capacity: 0, bytesReserved: 0 });
    }
  });
});

describe('a pool that is not growable', () => {
  test('has all of its memory from the start and never more', () => {
    using pool = new Pool({ blockBytes: 64, maxBlocks: 5000, growable: false });
    const { bytesReserved, capacity } = pool.stats();
    expect(capacity).toBe(5000);
    for (let count = 0; count < 5000; count++) pool.allocIndex();
    refusal(() => pool.allocIndex(), 'ERR_FREEHOLD_LIMIT');
    expect(pool.stats().bytesReserved).toBe(bytesReserved);
  });

  test('needs maxBlocks', () => {
    refusal(() => new Pool({ blockBytes: 64, growable: false }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('that was trimmed refuses with ERR_FREEHOLD_LIMIT', () => {
    using pool = new Pool({ blockBytes: 64, maxBlocks: 10, growable: false });
    expect(pool.trim()).toBeGreaterThan(0);
    refusal(() => pool.alloc(), 'ERR_FREEHOLD_LIMIT');
    expect(pool.tryAlloc()).toBe(null);
  });
});

describe('preheat', () => {
  test('takes the memory before the first block', () => {
    using pool = new Pool({ blockBytes: 1000, preheat: 1000 });
    const { bytesReserved, capacity } = pool.stats();
    expect(capacity).toBeGreaterThanOrEqual(1000);
    for (let count = 0; count < 1000; count++) pool.allocIndex();
    expect(pool.stats().bytesReserved).toBe(bytesReserved);
  });

  test('makes room for so many more, whatever lives, and hands out each slot once', () => {
    using pool = new Pool({ blockBytes: 1000, slabBytes: 16384 });
    const indices = Array.from({ length: 37 }, () => pool.allocIndex());
    for (const index of indices.splice(10, 13)) pool.freeIndex(index);
    pool.preheat(500);
    expect(pool.capacity - pool.blocks).toBeGreaterThanOrEqual(500);
    const { bytesReserved } = pool.stats();
    for (let count = 0; count < 500; count++) indices.push(pool.allocIndex());
    expect(new Set(indices).size).toBe(indices.length);
    expect(pool.stats().bytesReserved).toBe(bytesReserved);
    pool.preheat(0);
  });

  test('for more than maxBlocks throws ERR_FREEHOLD_LIMIT and takes nothing', () => {
    using pool = new Pool({ blockBytes: 1000, maxBlocks: 10 });
    pool.alloc();
    const { bytesReserved } = pool.stats();
    refusal(() => pool.preheat(10), 'ERR_FREEHOLD_LIMIT');
    refusal(() => pool.preheat(2 ** 53 - 1), 'ERR_FREEHOLD_LIMIT');
    expect(pool.stats().bytesReserved).toBe(bytesReserved);
    pool.preheat(9);
  });
});

describe('options of a pool', () => {
  test.each<[string, PoolOptions, 'SIZE' | 'ALIGNMENT' | 'ARGUMENT']>([
    ['no blockBytes', {} as PoolOptions, 'SIZE'],
    ['blocks of nothing', { blockBytes: 0 }, 'SIZE'],
    ['blocks above 1 GiB', { blockBytes: 2 ** 30 + 1 }, 'SIZE'],
    ['no blocks', { blockBytes: 8, maxBlocks: 0 }, 'SIZE'],
    ['more preheated than may be', { blockBytes: 8, maxBlocks: 4, preheat: 5 }, 'SIZE'],
    ['an alignment of 3', { blockBytes: 8, alignment: 3 }, 'ALIGNMENT'],
    ['an alignment of 4 MiB', { blockBytes: 8, alignment: 2 ** 22 }, 'ALIGNMENT'],
    ['growable as a number', { blockBytes: 8, growable: 1 as never }, 'ARGUMENT'],
    ['a name that is none', { blockBytes: 8, name: 5 as never }, 'ARGUMENT'],
    ['an option that is none', { blockBytes: 8, blocks: 5 } as PoolOptions, 'ARGUMENT'],
  ])('with %s are refused', (_title, options, kind) => {
    refusal(() => new Pool(options), `ERR_FREEHOLD_INVALID_${kind}`);
  });

  test('may be at their ends', () => {
    using small = new Pool({ blockBytes: 1, alignment: 1, slabBytes: 0 });
    expect(small.alloc().fill(1).length).toBe(1);
    using large = new Pool({ blockBytes: 2 ** 30, alignment: 2 ** 21, maxBlocks: 1 });
    expect(large.allocUnsafe().length).toBe(2 ** 30);
    using many = new Pool({ blockBytes: 8, maxBlocks: 2 ** 53 - 1 });
    expect([many.alloc().length, many.stats().maxBlocks]).toEqual([8, 2 ** 30]);
  });
});
