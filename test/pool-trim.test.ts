import { describe, expect, test } from 'vitest';
import { Pool } from 'freehold';
import { refusal } from './lib/codes.ts';
import { areApart, isZero } from './lib/memory.ts';

/** A pool of small slabs with `count` blocks. */
function filled(count: number, options: { maxBlocks?: number } = {}): { pool: Pool; indices: number[] } {
  const pool = new Pool({ blockBytes: 256, slabBytes: 4096, ...options });
  return { pool, indices: Array.from({ length: count }, () => pool.allocIndex()) };
}

describe('trim', () => {
  test('gives back the slabs in which nothing lives, and says how many bytes that were', () => {
    const { pool, indices } = filled(160);
    expect(pool.stats()).toMatchObject({ slabs: 10, capacity: 160 });
    const before = pool.stats().bytesReserved;
    expect(pool.trim()).toBe(0);
    for (const index of indices) if (index < 32 || index === 100) pool.freeIndex(index);
    const bytes = pool.trim();
    expect(pool.stats()).toMatchObject({ slabs: 8, capacity: 128, blocks: 127 });
    expect(bytes).toBe(before - pool.stats().bytesReserved);
    expect(bytes).toBeGreaterThanOrEqual(2 * 4096);
    expect(pool.trim()).toBe(0);
    pool.dispose();
  });

  test('ends the views of what it gives back, and no other', () => {
    const { pool, indices } = filled(32);
    const kept = pool.view(indices[20]).fill(7);
    const gone = pool.view(indices[3]);
    const other = new Uint16Array(gone.buffer);
    for (const index of indices) if (index < 16) pool.freeIndex(index);
    pool.trim();
    expect([gone.length, other.length, gone.buffer.byteLength]).toEqual([0, 0, 0]);
    expect([...kept]).toEqual(new Array(256).fill(7));
    refusal(() => gone.address, 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => pool.free(gone), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(pool.owns(gone)).toBe(false);
  });

  test('leaves generations as they were: neither old handles nor old blocks reach the new life', () => {
    const { pool, indices } = filled(16);
    const handles = indices.map((index) => pool.handleOf(index));
    const blocks = indices.map((index) => pool.view(index));
    for (const index of indices) pool.freeIndex(index);
    pool.trim();
    for (const handle of handles) refusal(() => pool.indexOf(handle), 'ERR_FREEHOLD_USE_AFTER_FREE');
    const again = Array.from({ length: 16 }, () => pool.alloc());
    expect(again.some((block) => blocks.includes(block))).toBe(false);
    expect(again.map((block) => pool.indexOf(pool.handleOf(block))).sort((a, b) => a - b)).toEqual(indices);
    for (const handle of handles) {
      refusal(() => pool.indexOf(handle), 'ERR_FREEHOLD_USE_AFTER_FREE');
      refusal(() => pool.freeHandle(handle), 'ERR_FREEHOLD_USE_AFTER_FREE');
    }
    for (const block of blocks) {
      refusal(() => pool.free(block), 'ERR_FREEHOLD_USE_AFTER_FREE');
      refusal(() => pool.realloc(block, 8), 'ERR_FREEHOLD_USE_AFTER_FREE');
    }
    expect(pool.blocks).toBe(16);
  });

  test('and regrowth, over and over, hand out each slot once and every block zeroed', () => {
    const { pool, indices } = filled(100);
    let step = 1;
    for (let round = 0; round < 50; round++) {
      for (const index of indices.splice((round * 7) % 30, 40 + (round % 20))) pool.freeIndex(index);
      pool.trim();
      while (indices.length < 100) {
        const block = pool.alloc();
        expect(isZero(block)).toBe(true);
        block.fill((step = (step % 255) + 1));
        indices.push(pool.indexOf(pool.handleOf(block)));
      }
      expect(new Set(indices).size).toBe(100);
      expect(areApart(indices.map((index) => pool.view(index)))).toBe(true);
      expect(pool.blocks).toBe(100);
    }
    pool.dispose();
  });

  test('of all slabs leaves an empty pool that works', () => {
    const { pool, indices } = filled(50, { maxBlocks: 50 });
    for (const index of indices) pool.freeIndex(index);
    expect(pool.trim()).toBeGreaterThan(0);
    expect(pool.stats()).toMatchObject({ slabs: 0, capacity: 0, bytesReserved: 0, blocks: 0 });
    refusal(() => pool.freeIndex(indices[0]), 'ERR_FREEHOLD_DOUBLE_FREE');
    for (let count = 0; count < 50; count++) pool.allocIndex();
    expect(pool.tryAllocIndex()).toBe(-1);
  });
});
