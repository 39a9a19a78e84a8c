import { describe, expect, test } from 'vitest';
import { Arena } from 'freehold';
import { refusal } from './lib/codes.ts';

describe('a limit', () => {
  test('allows exactly as much as it says', () => {
    const arena = new Arena({ limitBytes: 64 });
    expect(arena.limit).toBe(64);
    arena.alloc(64);
    refusal(() => arena.alloc(1), 'ERR_FREEHOLD_LIMIT');
    refusal(() => arena.allocUnsafe(1), 'ERR_FREEHOLD_LIMIT');
    expect(arena.tryAlloc(1)).toBeNull();
    expect([arena.used, arena.stats().bytesLimit]).toEqual([64, 64]);
  });

  test('counts padding', () => {
    const arena = new Arena({ limitBytes: 32 });
    arena.alloc(1);
    refusal(() => arena.alloc(17), 'ERR_FREEHOLD_LIMIT');
    expect(arena.alloc(16).length).toBe(16);
  });

  test('holds over chunks and over blocks that stand alone', () => {
    const arena = new Arena({ limitBytes: 1_000_000 });
    const large = arena.alloc(800_000);
    refusal(() => arena.alloc(200_001), 'ERR_FREEHOLD_LIMIT');
    let taken = 0;
    while (arena.tryAlloc(1600) !== null) taken++;
    expect(taken).toBe(125);
    expect([arena.used, large.length]).toEqual([1_000_000, 800_000]);
  });

  test('takes no memory for what it refuses', () => {
    const arena = new Arena({ limitBytes: 100 });
    refusal(() => arena.alloc(101), 'ERR_FREEHOLD_LIMIT');
    expect(arena.stats().bytesReserved).toBe(0);
  });

  test('is started anew by a reset and given back by a rewind', () => {
    const arena = new Arena({ limitBytes: 100 });
    arena.alloc(16);
    const mark = arena.mark();
    arena.alloc(84);
    refusal(() => arena.alloc(1), 'ERR_FREEHOLD_LIMIT');
    arena.rewind(mark);
    expect(arena.alloc(84).length).toBe(84);
    arena.reset();
    expect(arena.alloc(100).length).toBe(100);
  });

  test('of 0 allows blocks of no length', () => {
    const arena = new Arena({ limitBytes: 0 });
    expect(arena.alloc(0).length).toBe(0);
    refusal(() => arena.alloc(1), 'ERR_FREEHOLD_LIMIT');
  });

  test('says what was asked, what there is and what to do', () => {
    const arena = new Arena({ limitBytes: 100, name: 'request' });
    arena.alloc(48);
    const { message } = refusal(() => arena.alloc(99), 'ERR_FREEHOLD_LIMIT');
    for (const part of ['99', '"request"', '100', '48', 'reset', 'limit']) expect(message).toContain(part);
  });
});

describe('setting the limit', () => {
  test('to more or Infinity lets the arena go on', () => {
    const arena = new Arena({ limitBytes: 16 });
    arena.alloc(16);
    arena.limit = 32;
    expect(arena.alloc(16).length).toBe(16);
    refusal(() => arena.alloc(1), 'ERR_FREEHOLD_LIMIT');
    arena.limit = Infinity;
    expect(arena.limit).toBe(Infinity);
    expect(arena.alloc(100_000).length).toBe(100_000);
  });

  test('to less than is used ends no block and stops further ones', () => {
    const arena = new Arena();
    const block = arena.alloc(1000).fill(1);
    arena.limit = 10;
    refusal(() => arena.alloc(1), 'ERR_FREEHOLD_LIMIT');
    refusal(() => arena.bump(1), 'ERR_FREEHOLD_LIMIT');
    expect([block.length, block[999], arena.used]).toEqual([1000, 1, 1000]);
    arena.reset();
    expect(arena.alloc(10).length).toBe(10);
    refusal(() => arena.alloc(1), 'ERR_FREEHOLD_LIMIT');
  });

  test('keeps a mark standing', () => {
    const arena = new Arena();
    arena.alloc(16);
    const mark = arena.mark();
    arena.limit = 1000;
    const since = arena.alloc(16);
    arena.rewind(mark);
    expect(since.length).toBe(0);
  });

  test('to what is no size is refused and changes nothing', () => {
    const arena = new Arena({ limitBytes: 100 });
    for (const limit of [-1, 0.5, NaN, '5', 5n, null, undefined]) {
      const error = refusal(() => (arena.limit = limit as number), 'ERR_FREEHOLD_INVALID_SIZE');
      expect(error.message).toMatch(/^limit must be/);
    }
    expect(arena.limit).toBe(100);
    arena.dispose();
    refusal(() => (arena.limit = 5), 'ERR_FREEHOLD_DISPOSED');
    expect(arena.limit).toBe(100);
  });
});
