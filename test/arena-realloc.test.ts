import { describe, expect, test } from 'vitest';
import type { Block } from 'freehold';
import { Arena } from 'freehold';
import { refusal } from './lib/codes.ts';
import { dirtyArena } from './lib/memory.ts';

const bytes = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (from + i) & 255);

describe('realloc', () => {
  test('grows the last block in place, with zeros', () => {
    const arena = dirtyArena({ reset: 'reuse' });
    const block = arena.copy(Buffer.from(bytes(1, 10)));
    const { address } = block;
    for (const size of [20, 5000, 30_000]) {
      const bigger = arena.realloc(block, size);
      expect(bigger.address).toBe(address);
      expect([...bigger]).toEqual([...bytes(1, 10), ...new Array<number>(size - 10).fill(0)]);
      expect(arena.used).toBe(size);
      arena.realloc(bigger, 10).set(bytes(1, 10));
    }
  });

  test('grows with zeros what was shrunk before', () => {
    const arena = new Arena();
    const block = arena.alloc(100).fill(0xff);
    const bigger = arena.realloc(arena.realloc(block, 10), 100);
    expect([...bigger]).toEqual([...new Array<number>(10).fill(0xff), ...new Array<number>(90).fill(0)]);
  });

  test('shrinks the last block in place and gives the rest to the next', () => {
    const arena = new Arena();
    const block = arena.copy(Buffer.from(bytes(1, 100)));
    const smaller = arena.realloc(block, 16);
    expect([...smaller]).toEqual(bytes(1, 16));
    expect(smaller.address).toBe(block.address);
    expect(arena.used).toBe(16);
    expect(arena.alloc(8).address - smaller.address).toBe(16n);
  });

  test('moves any other block, keeps its bytes and zeroes what is added', () => {
    const arena = dirtyArena({ reset: 'reuse' });
    const block = arena.copy(Buffer.from(bytes(1, 10)));
    const last = arena.alloc(16).fill(7);
    const bigger = arena.realloc(block, 40);
    expect(bigger.address).not.toBe(block.address);
    expect([...bigger]).toEqual([...bytes(1, 10), ...new Array<number>(30).fill(0)]);
    expect([...arena.realloc(last, 8)]).toEqual(new Array(8).fill(7));
  });

  test('moves a block that its chunk has no room for', () => {
    const arena = dirtyArena();
    const block = arena.copy(Buffer.from(bytes(1, 10)));
    const bigger = arena.realloc(block, 100_000);
    expect(bigger.length).toBe(100_000);
    expect([...bigger.subarray(0, 12)]).toEqual([...bytes(1, 10), 0, 0]);
    expect(bigger.subarray(10).every((byte) => byte === 0)).toBe(true);
  });

  test('moves blocks that stand alone', () => {
    const arena = new Arena();
    const block = arena.alloc(1_000_000).fill(3);
    const bigger = arena.realloc(block, 2_000_000);
    expect(bigger.subarray(0, 1_000_000).every((byte) => byte === 3)).toBe(true);
    expect(bigger.subarray(1_000_000).every((byte) => byte === 0)).toBe(true);
  });

  test('does not grow in place what stands before a mark: a rewind would cut it', () => {
    const arena = new Arena();
    const block = arena.alloc(16).fill(1);
    const mark = arena.mark();
    const bigger = arena.realloc(block, 32);
    expect(bigger.address).not.toBe(block.address);
    arena.rewind(mark);
    expect([bigger.length, block.length, block[15]]).toEqual([0, 16, 1]);
  });

  test('from and to no length works', () => {
    const arena = new Arena();
    const grown = arena.realloc(arena.alloc(0), 10);
    expect([...grown]).toEqual(new Array(10).fill(0));
    expect(arena.realloc(grown, 0).length).toBe(0);
    expect(arena.used).toBe(0);
  });

  test('over the limit is refused and leaves the block as it was', () => {
    const arena = new Arena({ limitBytes: 100 });
    const block = arena.alloc(50).fill(1);
    refusal(() => arena.realloc(block, 101), 'ERR_FREEHOLD_LIMIT');
    refusal(() => arena.realloc(block, 1e9), 'ERR_FREEHOLD_LIMIT');
    expect([arena.used, block.length, block.every((byte) => byte === 1)]).toEqual([50, 50, true]);
    expect(arena.realloc(block, 100).length).toBe(100);
  });

  test('checks the size before anything else', () => {
    const arena = new Arena();
    const block = arena.alloc(8);
    for (const size of [-1, 0.5, NaN, '8', 8n, undefined]) {
      refusal(() => arena.realloc(block, size as number), 'ERR_FREEHOLD_INVALID_SIZE');
    }
  });
});

describe('free', () => {
  test('of the last block gives its bytes to the next one', () => {
    const arena = new Arena();
    arena.alloc(16);
    const block = arena.alloc(100);
    const { address } = block;
    arena.free(block);
    expect(arena.used).toBe(16);
    expect(arena.alloc(8).address).toBe(address);
  });

  test('of any other block keeps its bytes taken', () => {
    const arena = new Arena();
    const block = arena.alloc(16);
    arena.alloc(16);
    arena.free(block);
    expect(arena.used).toBe(32);
  });

  test('before a mark keeps its bytes taken', () => {
    const arena = new Arena();
    const block = arena.alloc(16).fill(1);
    arena.mark();
    arena.free(block);
    expect(arena.used).toBe(16);
    expect(arena.alloc(16).address).not.toBe(block.address);
  });

  test('leaves zeroed what is allocated zeroed afterwards', () => {
    const arena = new Arena();
    arena.free(arena.allocUnsafe(5000).fill(0xff));
    expect(arena.alloc(5000).every((byte) => byte === 0)).toBe(true);
  });

  test('of a block of no length gives nothing, also behind a block that was freed', () => {
    const arena = new Arena();
    const [block, empty] = [arena.alloc(16), arena.alloc(0)];
    arena.free(block);
    arena.free(empty);
    expect(arena.realloc(empty, 8).length).toBe(8);
    expect(arena.used).toBe(8);
  });

  test('counts in the peak what was freed', () => {
    const arena = new Arena();
    arena.free(arena.alloc(5000));
    expect(arena.stats()).toMatchObject({ bytesUsed: 0, bytesPeak: 5000 });
  });

  test('ends the view at the reset, also when nothing is used', () => {
    const arena = new Arena();
    const block = arena.alloc(16);
    arena.free(block);
    arena.reset();
    expect(block.length).toBe(0);
  });
});

describe.each(['free', 'realloc', 'promote'] as const)('%s', (method) => {
  const call = (arena: Arena, block: unknown): unknown =>
    method === 'realloc' ? arena.realloc(block as Block, 8) : arena[method](block as Block);

  test('of a block that was freed before is a double free', () => {
    const arena = new Arena();
    const block = arena.alloc(16);
    arena.free(block);
    const error = refusal(() => call(arena, block), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(error.message).toMatch(/16 bytes at offset 0.*freed before/);
    expect(arena.used).toBe(0);
  });

  test('of what is no block of this arena is an invalid free', () => {
    const arena = new Arena({ name: 'mine' });
    const block = arena.alloc(16);
    const others = [new Arena().alloc(8), Buffer.alloc(8), block.subarray(4), null, 1, {}];
    for (const other of others) {
      const error = refusal(() => call(arena, other), 'ERR_FREEHOLD_INVALID_FREE');
      expect(error.message).toContain('"mine"');
    }
    expect(arena.used).toBe(16);
  });

  test.each(['detach', 'orphan'] as const)(
    'of a block from before a reset in mode %s is a use after free',
    (mode) => {
      const arena = new Arena();
      const block = arena.alloc(16);
      arena.reset({ mode });
      const kept = arena.alloc(16);
      refusal(() => call(arena, block), 'ERR_FREEHOLD_USE_AFTER_FREE');
      expect([arena.used, kept.length]).toEqual([16, 16]);
    },
  );

  test('of a disposed arena is refused', () => {
    const arena = new Arena();
    const block = arena.alloc(16);
    arena.dispose();
    refusal(() => call(arena, block), 'ERR_FREEHOLD_DISPOSED');
  });
});
