import { describe, expect, test } from 'vitest';
import { Arena, ArenaMark, type ResetMode } from 'freehold';
import { refusal } from './lib/codes.ts';
import { isZero } from './lib/memory.ts';

describe('rewind', () => {
  test('ends the views made since the mark and keeps those from before it', () => {
    const arena = new Arena();
    const before = arena.string('before');
    const mark = arena.mark();
    const since = [arena.alloc(10), arena.alloc(100_000), arena.alloc(5_000_000)];
    arena.rewind(mark);
    expect(since.map((block) => block.length)).toEqual([0, 0, 0]);
    expect(before.toString()).toBe('before');
  });

  test('takes what is used back to what it was at the mark', () => {
    const arena = new Arena();
    arena.alloc(100);
    const used = arena.used;
    const mark = arena.mark();
    for (let i = 0; i < 100; i++) arena.alloc(10_000);
    expect(arena.used).toBeGreaterThan(1_000_000);
    arena.rewind(mark);
    expect(arena.used).toBe(used);
    expect(arena.stats().chunks).toBeLessThanOrEqual(2);
  });

  test('may be repeated to the same mark', () => {
    const arena = new Arena();
    const before = arena.alloc(16).fill(1);
    const mark = arena.mark();
    for (let round = 0; round < 50; round++) {
      const since = arena.alloc(1000 * round);
      expect(isZero(since)).toBe(true);
      since.fill(0xff);
      arena.rewind(mark);
      expect(since.length).toBe(0);
    }
    expect([...before]).toEqual(new Array(16).fill(1));
  });

  test('to an outer mark ends the inner ones', () => {
    const arena = new Arena();
    const outer = arena.mark();
    const first = arena.alloc(8);
    const inner = arena.mark();
    const second = arena.alloc(8);
    arena.rewind(inner);
    expect([first.length, second.length]).toEqual([8, 0]);
    arena.rewind(outer);
    expect(first.length).toBe(0);
    refusal(() => arena.rewind(inner), 'ERR_FREEHOLD_STALE_MARK');
    inner[Symbol.dispose]();
    arena.rewind(outer);
  });

  test('to a mark before the first block leaves an empty arena', () => {
    const arena = new Arena();
    const mark = arena.mark();
    const block = arena.alloc(100);
    arena.rewind(mark);
    expect([block.length, arena.used]).toEqual([0, 0]);
    expect(arena.alloc(100).length).toBe(100);
  });

  test('works where every block stands alone in a chunk of its own', () => {
    const arena = new Arena();
    const before = arena.alloc(1_000_000).fill(1);
    const mark = arena.mark();
    const since = arena.alloc(1_000_000);
    arena.rewind(mark);
    expect([before.length, before[999_999], since.length, arena.used]).toEqual([1_000_000, 1, 0, 1_000_000]);
    const after = arena.alloc(10);
    arena.rewind(mark);
    expect([after.length, arena.used]).toEqual([0, 1_000_000]);
  });

  test('keeps a block of no length from before the mark, where it is all that there was', () => {
    const arena = new Arena();
    for (const make of [() => arena.alloc(0), () => arena.realloc(arena.alloc(16), 0)]) {
      const block = make();
      const mark = arena.mark();
      const since = arena.alloc(16);
      arena.rewind(mark);
      expect([arena.owns(block), since.length]).toEqual([true, 0]);
      arena.reset();
    }
  });

  test('ends the views of blocks that were cut from the chunk in use at the mark', () => {
    const arena = new Arena();
    arena.alloc(8);
    const mark = arena.mark();
    arena.rewind(mark);
    const since = arena.alloc(8);
    arena.rewind(mark);
    expect(since.length).toBe(0);
  });

  test('ends what is cut from the chunk before an empty one, too', () => {
    const arena = new Arena({ initialBytes: 4096 });
    arena.alloc(3000);
    arena.free(arena.alloc(3000));
    const mark = arena.mark();
    for (let round = 0; round < 3; round++) {
      const since = arena.alloc(10);
      arena.rewind(mark);
      expect(since.length).toBe(0);
    }
  });

  test('leaves zeroed what is allocated zeroed afterwards', () => {
    const arena = new Arena();
    arena.alloc(16);
    const mark = arena.mark();
    arena.allocUnsafe(40_000).fill(0xff);
    arena.rewind(mark);
    expect(isZero(arena.alloc(40_000))).toBe(true);
    arena.reset();
    expect(isZero(arena.alloc(60_000))).toBe(true);
  });
});

describe('marks in a loop', () => {
  test.each<ResetMode>(['detach', 'reuse'])('open nothing that stays, in mode %s', (reset) => {
    const arena = new Arena({ reset });
    arena.alloc(16);
    for (let round = 0; round < 2000; round++) {
      const outer = arena.mark();
      arena.alloc(100);
      const inner = arena.mark();
      arena.alloc(100);
      inner[Symbol.dispose]();
      outer[Symbol.dispose]();
    }
    expect(arena.used).toBe(16);
    expect(arena.stats().chunks).toBeLessThanOrEqual(3);
  });
});

describe('a mark that is disposed', () => {
  test('rewinds once', () => {
    const arena = new Arena();
    const mark = arena.mark();
    const since = arena.alloc(8);
    mark[Symbol.dispose]();
    expect(since.length).toBe(0);
    const after = arena.alloc(8);
    mark[Symbol.dispose]();
    expect(after.length).toBe(8);
    refusal(() => arena.rewind(mark), 'ERR_FREEHOLD_STALE_MARK');
  });

  test('keeps the marks from before it', () => {
    const arena = new Arena();
    const outer = arena.mark();
    const block = arena.alloc(8);
    arena.mark()[Symbol.dispose]();
    expect(block.length).toBe(8);
    arena.rewind(outer);
    expect(block.length).toBe(0);
  });

  test.each(['reset', 'dispose'] as const)('does nothing after %s', (end) => {
    const arena = new Arena({ reset: 'reuse' });
    arena.alloc(8);
    const mark = arena.mark();
    arena[end]();
    expect(() => mark[Symbol.dispose]()).not.toThrow();
  });
});

describe('a mark that is not valid', () => {
  test.each<ResetMode>(['detach', 'orphan', 'reuse'])('is refused after a reset in mode %s', (reset) => {
    const arena = new Arena({ reset });
    arena.alloc(8);
    const mark = arena.mark();
    arena.reset();
    const block = arena.alloc(8);
    const error = refusal(() => arena.rewind(mark), 'ERR_FREEHOLD_STALE_MARK');
    expect(error.message).toMatch(/arena "arena".*reset/);
    expect(block.length).toBe(8);
  });

  test('is refused by another arena, and so is what was never a mark', () => {
    const arena = new Arena();
    const other = new Arena();
    const mark = other.mark();
    for (const each of [mark, null, undefined, {}, Object.create(ArenaMark.prototype)]) {
      refusal(() => arena.rewind(each as ArenaMark), 'ERR_FREEHOLD_STALE_MARK');
    }
    other.rewind(mark);
  });
});

describe('the mode of the arena decides what a rewind does to views', () => {
  test("'reuse': nothing, and their bytes are used again", () => {
    const arena = new Arena({ reset: 'reuse' });
    arena.alloc(16);
    const mark = arena.mark();
    const since = arena.alloc(16).fill(1);
    arena.rewind(mark);
    expect([since.length, since[0]]).toEqual([16, 1]);
    const next = arena.alloc(16);
    expect(next.address).toBe(since.address);
    expect(since[0]).toBe(0);
  });

  test("'orphan': they stay valid and their bytes stay taken until the reset", () => {
    const arena = new Arena({ reset: 'orphan' });
    const mark = arena.mark();
    const since = arena.alloc(16).fill(1);
    arena.rewind(mark);
    const next = arena.alloc(16).fill(2);
    expect([since[0], since.length]).toEqual([1, 16]);
    expect(next.address).not.toBe(since.address);
    expect(arena.used).toBe(32);
    arena.reset();
    expect([arena.used, since[0]]).toEqual([0, 1]);
  });
});

test('dispose and reset work with marks still open', () => {
  const arena = new Arena();
  const first = arena.alloc(8);
  arena.mark();
  const second = arena.alloc(8);
  arena.reset();
  expect([first.length, second.length, arena.used, arena.alloc(8).length]).toEqual([0, 0, 0, 8]);
  arena.mark();
  const third = arena.alloc(8);
  arena.dispose();
  expect(third.length).toBe(0);
});

test("in mode 'reuse' a rewind over several chunks gives back every byte since the mark", () => {
  const arena = new Arena({ initialBytes: 65536, reset: 'reuse' });
  arena.alloc(1000);
  const mark = arena.mark();
  const { used } = arena;
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 4; i++) arena.allocUnsafe(50_000).fill(7);
    arena.rewind(mark);
    expect(arena.used).toBe(used);
    expect(arena.alloc(60_000).every((byte) => byte === 0)).toBe(true);
    arena.rewind(mark);
  }
  expect(arena.stats().chunks).toBe(1);
});
