import { describe, expect, test } from 'vitest';
import { Arena, type ResetMode, type Retain, memoryStats, trimChunkCache } from 'freehold';
import { backing, isZero } from './lib/memory.ts';

const MODES: readonly ResetMode[] = ['detach', 'orphan', 'reuse'];
const RETAINS: readonly Retain[] = ['high-water', 'all', 'none', 0, 10_000, 100_000_000];

/** One round of work that takes several chunks and one block that stands alone. */
function work(arena: Arena): void {
  for (let index = 0; index < 100; index++) arena.allocUnsafe(5000).fill(0xff);
  arena.allocUnsafe(3_000_000).fill(0xff);
}

describe.each(MODES)('reset in mode %s', (reset) => {
  test.each(RETAINS)('with retain %o leaves nothing used and gives zeroed blocks', (retain) => {
    const arena = new Arena({ reset, retain });
    for (let round = 0; round < 3; round++) {
      work(arena);
      arena.reset();
      expect(arena.used).toBe(0);
      for (const size of [16, 5000, 60_000]) expect(isZero(arena.alloc(size))).toBe(true);
      arena.reset();
      arena.reset();
      expect(arena.used).toBe(0);
    }
    expect(arena.stats().resets).toBe(9);
  });

  test('given for one reset alone wins over the arena\u2019s own', () => {
    for (const mode of MODES) {
      const arena = new Arena({ reset });
      const block = arena.alloc(16).fill(1);
      arena.reset({ mode });
      expect(block.length).toBe(mode === 'detach' ? 0 : 16);
      const next = arena.alloc(16).fill(1);
      arena.reset();
      expect(next.length).toBe(reset === 'detach' ? 0 : 16);
    }
  });
});

describe('a view from before a reset', () => {
  test("in mode 'detach' has length 0, whatever it was made from", () => {
    const arena = new Arena();
    const views = [
      arena.alloc(8),
      arena.array(Float64Array, 4),
      arena.alloc(8).subarray(2),
      arena.alloc(2_000_000),
    ];
    views.push(new Uint16Array(views[0].buffer, 0, 2) as never);
    arena.reset();
    expect(views.map((view) => [view.length, view.byteLength, view[0]])).toEqual(
      views.map(() => [0, 0, undefined]),
    );
    expect(views.map((view) => arena.owns(view))).toEqual(views.map(() => false));
  });

  test("in mode 'orphan' keeps its bytes for good", () => {
    const arena = new Arena({ reset: 'orphan' });
    const kept: Buffer[] = [];
    for (let round = 0; round < 20; round++) {
      kept.push(arena.alloc(4096).fill(round), arena.alloc(100_000).fill(round));
      arena.reset();
      expect(arena.owns(kept[0])).toBe(false);
    }
    arena.alloc(100_000).fill(0xff);
    kept.forEach((block, index) => expect(block.every((byte) => byte === index >> 1)).toBe(true));
    expect(arena.stats().orphanings).toBe(20);
  });

  test("in mode 'reuse' shows what comes next", () => {
    const arena = new Arena({ reset: 'reuse' });
    const stale = arena.alloc(16).fill(1);
    arena.reset();
    expect([...stale]).toEqual(new Array(16).fill(1));
    arena.allocUnsafe(16).fill(2);
    expect([...stale]).toEqual(new Array(16).fill(2));
  });

  test('reads nothing in a loop that was optimised before the reset', () => {
    const arena = new Arena();
    const block = arena.alloc(1024).fill(1);
    const sum = (view: Uint8Array): number => {
      let total = 0;
      for (let index = 0; index < 1024; index++) total += view[index] ?? 0;
      return total;
    };
    for (let round = 0; round < 20_000; round++) sum(block);
    expect(sum(block)).toBe(1024);
    let total = 0;
    for (let round = 0; round < 2000; round++) {
      if (round === 1000) {
        arena.reset();
        arena.allocUnsafe(1024).fill(1);
      }
      total += sum(block);
      block[0] = 1; // Goes nowhere.
    }
    expect(total).toBe(1024 * 1000);
    expect(block.length).toBe(0);
  });
});

describe('the steady state', () => {
  test.each(['detach', 'reuse'] as const)('is one chunk that holds all of the work, in mode %s', (reset) => {
    const arena = new Arena({ reset });
    for (let round = 0; round < 10; round++) {
      work(arena);
      if (round >= 2) expect(arena.stats().chunks).toBe(1);
      arena.reset();
    }
  });

  test.runIf(backing === 'pages')('keeps the chunk, and its blocks have the addresses they had', () => {
    const arena = new Arena();
    const { address } = arena.alloc(16);
    for (let round = 0; round < 10; round++) {
      arena.reset();
      expect(arena.stats()).toMatchObject({ chunks: 1, bytesReserved: 65536 });
      expect(arena.alloc(16).address).toBe(address);
    }
  });

  test('allocates as much as fits a chunk of another size after each reset', () => {
    const arena = new Arena();
    for (const size of [100, 1_000_000, 10, 50_000, 5_000_000, 64]) {
      const block = arena.alloc(size);
      expect([block.length, arena.used]).toEqual([size, size]);
      arena.reset();
    }
  });
});

describe('what a reset retains', () => {
  const reservedAfter = (retain: Retain, mode: ResetMode): number => {
    const arena = new Arena({ reset: mode });
    work(arena);
    arena.reset({ retain });
    arena.alloc(1);
    arena.reset({ retain });
    arena.alloc(1);
    return arena.stats().bytesReserved;
  };

  test.each(['detach', 'reuse'] as const)('is what was asked for, in mode %s', (mode) => {
    // The cache of chunks gives what is at most twice as large.
    expect(reservedAfter('none', mode)).toBeLessThanOrEqual(2 * 65536);
    expect(reservedAfter('high-water', mode)).toBeGreaterThanOrEqual(3_500_000);
    expect(reservedAfter('all', mode)).toBeGreaterThanOrEqual(3_500_000);
    expect(reservedAfter(100_000, mode)).toBeLessThanOrEqual(200_000);
  });

  test("of 'none' is no chunk at all", () => {
    const arena = new Arena({ retain: 'none' });
    work(arena);
    arena.reset();
    expect(arena.stats()).toMatchObject({ chunks: 0, bytesReserved: 0 });
  });

  test('of a number is a chunk that is no larger', () => {
    const arena = new Arena({ retain: 4096 });
    arena.alloc(100);
    arena.reset();
    expect(arena.stats()).toMatchObject({ chunks: 0, bytesReserved: 0 });
    trimChunkCache(); // or it may be twice as large
    const small = new Arena({ initialBytes: 4096, retain: 4096, reset: 'reuse' });
    small.alloc(100);
    small.reset();
    expect(small.stats()).toMatchObject({ chunks: 1, bytesReserved: 4096 });
  });
});

describe('the peak', () => {
  test('is the most that was used at once, over resets', () => {
    const arena = new Arena();
    arena.alloc(10_000);
    arena.reset();
    arena.alloc(100);
    arena.reset();
    expect(arena.stats().bytesPeak).toBe(10_000);
    arena.alloc(20_000);
    expect(arena.stats().bytesPeak).toBe(20_000);
  });

  test('counts a last block that was given back, also when earlier chunks are full', () => {
    const arena = new Arena({ initialBytes: 4096 });
    for (const size of [4096, 4096]) arena.alloc(size);
    const last = arena.alloc(1000);
    const { bytesUsed, chunks } = arena.stats();
    expect(chunks).toBeGreaterThan(1);
    arena.free(last);
    expect(arena.stats().bytesPeak).toBe(bytesUsed);
    arena.reset();
    expect(arena.stats().bytesPeak).toBe(bytesUsed);
  });
});

test('an arena that was split by marks keeps its chunk, and all its views end', () => {
  const arena = new Arena();
  const address = arena.alloc(64).address;
  const before = memoryStats().chunks;
  for (let round = 0; round < 10; round++) {
    const views = [arena.alloc(64)];
    arena.mark();
    views.push(arena.alloc(64).fill(1));
    arena.mark();
    views.push(arena.alloc(64).fill(1));
    arena.reset();
    expect(arena.stats().chunks).toBe(1);
    expect(views.map((view) => view.length)).toEqual([0, 0, 0]);
    const first = arena.alloc(1000);
    expect(first.address).toBe(address);
    expect(first.every((byte) => byte === 0)).toBe(true);
    arena.reset();
  }
  expect(memoryStats().chunks).toEqual(before);
});
