import { describe, expect, test } from 'vitest';
import { Pool } from 'freehold';
import { refusal } from './lib/codes.ts';

const NO_INDICES = [-1, -0.5, 0.5, 1e9, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31), NaN, Infinity, -Infinity];

describe('the indices of a pool', () => {
  test('are small integers from 0 on, and name a block each', () => {
    using pool = new Pool({ blockBytes: 32 });
    const indices = Array.from({ length: 100 }, () => pool.allocIndex());
    expect([...indices].sort((a, b) => a - b)).toEqual([...indices.keys()]);
    for (const index of indices) {
      expect(pool.isLive(index)).toBe(true);
      expect(pool.view(index)).toBe(pool.view(index));
      expect(pool.view(index).length).toBe(32);
      expect(pool.address(index)).toBe(pool.view(index).address);
    }
    expect(new Set(indices.map((index) => pool.address(index))).size).toBe(100);
  });

  test('leave the bytes as they are', () => {
    using pool = new Pool({ blockBytes: 32 });
    const index = pool.allocIndex();
    pool.view(index).fill(7);
    pool.freeIndex(index);
    expect(pool.allocIndex()).toBe(index);
    expect([...pool.view(index)]).toEqual(new Array(32).fill(7));
  });

  test('are numbers: what only looks like one frees nothing', () => {
    using pool = new Pool({ blockBytes: 32 });
    const index = pool.allocIndex();
    for (const alike of [String(index), [index], { valueOf: () => index }])
      refusal(() => pool.freeIndex(alike as unknown as number), 'ERR_FREEHOLD_INVALID_FREE');
    expect(pool.isLive(index)).toBe(true);
    expect(pool.blocks).toBe(1);
  });

  test('and blocks are two ways to the same: each frees what the other made', () => {
    using pool = new Pool({ blockBytes: 32 });
    const index = pool.allocIndex();
    const block = pool.view(index);
    pool.free(block);
    expect(pool.isLive(index)).toBe(false);
    refusal(() => pool.freeIndex(index), 'ERR_FREEHOLD_DOUBLE_FREE');
    const other = pool.alloc();
    expect(pool.view(index)).toBe(other);
    pool.freeIndex(index);
    refusal(() => pool.free(other), 'ERR_FREEHOLD_DOUBLE_FREE');
  });

  test('of a block shorter than the pool has show all of it', () => {
    using pool = new Pool({ blockBytes: 32 });
    const short = pool.alloc(8);
    const index = pool.indexOf(pool.handleOf(short));
    expect(pool.view(index).length).toBe(32);
    expect(pool.view(index).address).toBe(short.address);
  });

  test('that are not in use throw ERR_FREEHOLD_USE_AFTER_FREE, and a second free ERR_FREEHOLD_DOUBLE_FREE', () => {
    using pool = new Pool({ blockBytes: 32 });
    const indices = [pool.allocIndex(), pool.allocIndex(), pool.allocIndex()];
    for (const index of indices) pool.freeIndex(index);
    for (const index of indices) {
      expect(pool.isLive(index)).toBe(false);
      refusal(() => pool.view(index), 'ERR_FREEHOLD_USE_AFTER_FREE');
      refusal(() => pool.address(index), 'ERR_FREEHOLD_USE_AFTER_FREE');
      refusal(() => pool.handleOf(index), 'ERR_FREEHOLD_USE_AFTER_FREE');
      refusal(() => pool.freeIndex(index), 'ERR_FREEHOLD_DOUBLE_FREE');
    }
    expect(pool.blocks).toBe(0);
  });

  test.each(NO_INDICES)('%d is none: freeing it throws ERR_FREEHOLD_INVALID_FREE', (value) => {
    using pool = new Pool({ blockBytes: 32 });
    const index = pool.allocIndex();
    refusal(() => pool.freeIndex(value), 'ERR_FREEHOLD_INVALID_FREE');
    refusal(() => pool.view(value), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect([pool.isLive(value), pool.isLive(index), pool.blocks]).toEqual([false, true, 1]);
  });

  test('that run out: -1 from tryAllocIndex where allocIndex throws ERR_FREEHOLD_LIMIT', () => {
    using pool = new Pool({ blockBytes: 32, maxBlocks: 5 });
    for (let count = 0; count < 5; count++) expect(pool.tryAllocIndex()).toBeGreaterThanOrEqual(0);
    expect(pool.tryAllocIndex()).toBe(-1);
    refusal(() => pool.allocIndex(), 'ERR_FREEHOLD_LIMIT');
    pool.freeIndex(3);
    expect(pool.allocIndex()).toBe(3);
  });
});
