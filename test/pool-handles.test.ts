import { describe, expect, test } from 'vitest';
import { Pool } from 'freehold';
import { refusal } from './lib/codes.ts';

describe('a handle', () => {
  test('is a safe integer that leads to its block', () => {
    using pool = new Pool({ blockBytes: 32 });
    const handles = Array.from({ length: 1000 }, () => pool.allocHandle());
    expect(new Set(handles).size).toBe(1000);
    for (const handle of handles) {
      expect(Number.isSafeInteger(handle) && handle >= 0).toBe(true);
      const index = pool.indexOf(handle);
      expect([pool.handleOf(index), pool.handleOf(pool.view(index))]).toEqual([handle, handle]);
    }
  });

  test('is stale when its block was freed, in whatever way, also when the slot lives again', () => {
    using pool = new Pool({ blockBytes: 32 });
    const ways = [
      (handle: number) => pool.freeHandle(handle),
      (handle: number) => pool.freeIndex(pool.indexOf(handle)),
      (handle: number) => pool.free(pool.view(pool.indexOf(handle))),
    ];
    const stale: number[] = [];
    for (let life = 0; life < 30; life++) {
      const handle = pool.allocHandle();
      expect(stale).not.toContain(handle);
      ways[life % 3](handle);
      stale.push(handle);
      for (const old of stale) {
        refusal(() => pool.indexOf(old), 'ERR_FREEHOLD_USE_AFTER_FREE');
        refusal(() => pool.freeHandle(old), 'ERR_FREEHOLD_USE_AFTER_FREE');
      }
    }
    pool.allocIndex();
    for (const old of stale) refusal(() => pool.freeHandle(old), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(pool.blocks).toBe(1);
  });

  test('is stale in every slot of many, whichever lie on the stack', () => {
    using pool = new Pool({ blockBytes: 32, slabBytes: 4096 });
    const first = Array.from({ length: 300 }, () => pool.allocHandle());
    for (const handle of first) pool.freeHandle(handle);
    const second = Array.from({ length: 150 }, () => pool.allocHandle());
    for (const handle of first) refusal(() => pool.indexOf(handle), 'ERR_FREEHOLD_USE_AFTER_FREE');
    for (const handle of second) expect(pool.isLive(pool.indexOf(handle))).toBe(true);
  });

  test.each([-1, 0.5, NaN, Infinity, -Infinity, 2 ** 53, 1e300])(
    'is never %d: ERR_FREEHOLD_INVALID_ARGUMENT',
    (value) => {
      using pool = new Pool({ blockBytes: 32 });
      pool.allocIndex();
      refusal(() => pool.indexOf(value), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      refusal(() => pool.freeHandle(value), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      expect(pool.blocks).toBe(1);
    },
  );

  test.each([0, 1, 2 ** 22, 2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53 - 1])(
    'that was never given, %d, is not in use',
    (value) => {
      using pool = new Pool({ blockBytes: 32 });
      for (let life = 0; life < 5; life++) pool.freeIndex(pool.allocIndex());
      pool.allocIndex();
      refusal(() => pool.indexOf(value), 'ERR_FREEHOLD_USE_AFTER_FREE');
    },
  );

  test('of the index of a handle plus any multiple of 2^32 is not the block of the index', () => {
    using pool = new Pool({ blockBytes: 32 });
    const handle = pool.allocHandle();
    for (let factor = 1; factor < 2 ** 20; factor = factor * 2 + 1)
      refusal(() => pool.indexOf(handle + factor * 2 ** 32), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(pool.indexOf(handle)).toBe(0);
  });

  test('after dispose throws ERR_FREEHOLD_DISPOSED, as every use', () => {
    const pool = new Pool({ blockBytes: 32 });
    const handle = pool.allocHandle();
    const block = pool.alloc();
    pool.orphan();
    for (const use of [
      () => pool.indexOf(handle),
      () => pool.freeHandle(handle),
      () => pool.handleOf(0),
      () => pool.handleOf(block),
      () => pool.allocHandle(),
    ])
      refusal(use, 'ERR_FREEHOLD_DISPOSED');
  });

  test('of a block that is none throws ERR_FREEHOLD_INVALID_FREE', () => {
    using pool = new Pool({ blockBytes: 32 });
    using other = new Pool({ blockBytes: 32 });
    refusal(() => pool.handleOf(other.alloc()), 'ERR_FREEHOLD_INVALID_FREE');
  });
});
