import { describe, expect, test } from 'vitest';
import { Arena } from 'freehold';
import { refusal } from './lib/codes.ts';
import { backing, isZero } from './lib/memory.ts';

describe.runIf(backing === 'pages')('trim gives back to the system', () => {
  test('what a reset left behind the last block', () => {
    const arena = new Arena({ initialBytes: 1 << 20 });
    arena.allocUnsafe(1_000_000).fill(1);
    arena.reset();
    const given = arena.trim();
    expect(given).toBeGreaterThan(900_000);
    expect(given).toBeLessThanOrEqual(1 << 20);
    expect(arena.trim()).toBe(0);
  });

  test('nothing that a block uses', () => {
    const arena = new Arena({ initialBytes: 1 << 20 });
    const kept = arena.allocUnsafe(10_000).fill(1);
    arena.free(arena.allocUnsafe(900_000).fill(2));
    expect(arena.trim()).toBeGreaterThan(800_000);
    expect(kept.every((byte) => byte === 1)).toBe(true);
    expect(isZero(arena.alloc(900_000))).toBe(true);
  });
});

test('trim of an arena that used nothing gives nothing', () => {
  expect(new Arena().trim()).toBe(0);
  const arena = new Arena();
  arena.alloc(16);
  expect(arena.trim()).toBe(0);
});

test('an arena works on after a trim', () => {
  const arena = new Arena();
  arena.allocUnsafe(60_000).fill(1);
  arena.reset();
  arena.trim();
  expect(isZero(arena.alloc(60_000))).toBe(true);
  expect(arena.used).toBe(60_000);
});

test('trim of a disposed arena is refused', () => {
  const arena = new Arena();
  arena.dispose();
  refusal(() => arena.trim(), 'ERR_FREEHOLD_DISPOSED');
});
