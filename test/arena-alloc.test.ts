import { describe, expect, test } from 'vitest';
import { Arena } from 'freehold';
import { refusal } from './lib/codes.ts';
import { areApart, backing, dirtyArena, isZero } from './lib/memory.ts';

const ALIGNMENTS = Array.from({ length: 22 }, (_, exponent) => 2 ** exponent);

describe.each(['alloc', 'tryAlloc'] as const)('%s', (method) => {
  test('gives zeroed bytes where memory was used before', () => {
    for (const size of [1, 15, 16, 1000, 4096, 5000, 20_000, 60_000]) {
      const arena = dirtyArena({ reset: 'reuse' });
      expect(isZero(arena[method](size)!)).toBe(true);
      arena.allocUnsafe(100);
      if (size < 50_000) expect(isZero(arena[method](3000)!)).toBe(true);
    }
  });

  test('gives zeroed bytes in large blocks that come from used chunks', () => {
    const arena = new Arena();
    for (let round = 0; round < 4; round++) {
      const block = arena[method](1_000_000)!;
      expect(isZero(block)).toBe(true);
      block.fill(0xff);
      arena.reset({ retain: 'none' });
    }
  });

  test('leaves the blocks around it as they are', () => {
    const arena = dirtyArena({ reset: 'reuse' });
    const before = arena.allocUnsafe(100).fill(1);
    const block = arena[method](100)!;
    const after = arena.allocUnsafe(100).fill(2);
    const next = arena[method](5000)!;
    expect([before.every((b) => b === 1), isZero(block), after.every((b) => b === 2), isZero(next)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});

describe('allocUnsafe', () => {
  test('does not zero', () => {
    const arena = dirtyArena({ reset: 'reuse' });
    expect(arena.allocUnsafe(100)[50]).toBe(0xaa);
  });
});

describe.each(['alloc', 'allocUnsafe', 'tryAlloc'] as const)('%s', (method) => {
  test.each(ALIGNMENTS)('aligns to %i bytes', (alignment) => {
    const arena = new Arena();
    for (const size of [1, 100, 5000]) {
      const block = arena[method](size, alignment)!;
      expect(block.length).toBe(size);
      expect(block.address % BigInt(alignment)).toBe(0n);
      arena[method](3);
    }
  });

  test('aligns to 16 bytes when nothing is asked for', () => {
    const arena = new Arena();
    for (let size = 0; size < 40; size++) expect(arena[method](size)!.address % 16n).toBe(0n);
  });

  test('refuses sizes and alignments that are none, and has then changed nothing', () => {
    const arena = new Arena();
    arena.alloc(16);
    for (const size of [-1, 0.5, NaN, Infinity, 2 ** 53, '8', 8n, null, undefined, {}, [8]]) {
      refusal(() => arena[method](size as number), 'ERR_FREEHOLD_INVALID_SIZE');
      refusal(() => arena[method](size as number, 64), 'ERR_FREEHOLD_INVALID_SIZE');
    }
    for (const alignment of [0, -1, 3, 24, 2.5, NaN, 2 ** 22, 2 ** 32, '16', 16n, null]) {
      refusal(() => arena[method](8, alignment as number), 'ERR_FREEHOLD_INVALID_ALIGNMENT');
    }
    expect([arena.used, arena.stats().chunks]).toEqual([16, 1]);
  });

  test('gives blocks of no length that are real blocks', () => {
    const arena = new Arena();
    for (const size of [0, -0]) {
      const block = arena[method](size)!;
      expect([block.length, arena.owns(block), Buffer.isBuffer(block)]).toEqual([0, true, true]);
      arena.reset();
      expect(arena.owns(block)).toBe(false);
    }
  });

  test('gives blocks that never overlap, over chunks of any size', () => {
    const arena = new Arena({ initialBytes: 4096 });
    const blocks = Array.from({ length: 400 }, (_, index) => {
      const size = (index * 7919) % (index % 50 === 0 ? 300_000 : 3000);
      return arena[method](size, ALIGNMENTS[index % 13])!.fill(index % 251);
    });
    expect(areApart(blocks)).toBe(true);
    blocks.forEach((block, index) => expect(block.every((byte) => byte === index % 251)).toBe(true));
    expect(arena.stats().chunks).toBeGreaterThan(3);
  });
});

describe('chunks', () => {
  test('come with the first block', () => {
    const arena = new Arena();
    expect(arena.stats()).toMatchObject({ chunks: 0, bytesReserved: 0, bytesUsed: 0 });
    arena.alloc(1);
    expect(arena.stats()).toMatchObject({ chunks: 1, bytesReserved: 65536, bytesUsed: 1 });
  });

  test('double up to maxChunkBytes', () => {
    const arena = new Arena({ initialBytes: 65536, maxChunkBytes: 262144 });
    const sizes = new Set<number>();
    for (let reserved = 0; arena.stats().chunks < 6;) {
      arena.alloc(30_000);
      const now = arena.stats().bytesReserved;
      if (now !== reserved) sizes.add(now - reserved);
      reserved = now;
    }
    expect([...sizes]).toEqual([65536, 131072, 262144]);
  });

  test('stand alone for blocks larger than the next chunk, and the current one goes on', () => {
    const arena = new Arena();
    const before = arena.alloc(16);
    const large = arena.alloc(10_000_000).fill(1);
    const after = arena.alloc(16);
    expect(after.address - before.address).toBe(16n);
    expect(arena.stats().chunks).toBe(2);
    expect(arena.used).toBe(10_000_032);
    expect(large[9_999_999]).toBe(1);
  });
});

describe('a size that no system can give', () => {
  test('throws from alloc and allocUnsafe, gives null from tryAlloc, and the arena works on', () => {
    const arena = new Arena();
    for (const size of [2 ** 53 - 1, 2 ** 52, 2 ** 48]) {
      const error = refusal(() => arena.alloc(size), 'ERR_FREEHOLD_OUT_OF_MEMORY');
      expect(error.message).toContain(String(size));
      refusal(() => arena.allocUnsafe(size), 'ERR_FREEHOLD_OUT_OF_MEMORY');
      expect(arena.tryAlloc(size)).toBeNull();
    }
    expect(arena.alloc(16).length).toBe(16);
    expect(arena.used).toBe(16);
  });
});

test.runIf(backing === 'pages')('bytes of fresh pages are zero without being touched', () => {
  const arena = new Arena();
  const block = arena.alloc(100_000_000);
  expect([block[0], block[50_000_000], block[99_999_999]]).toEqual([0, 0, 0]);
});
