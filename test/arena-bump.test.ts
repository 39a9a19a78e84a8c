import { describe, expect, test } from 'vitest';
import { Arena } from 'freehold';
import { refusal } from './lib/codes.ts';

describe('bump', () => {
  test('gives offsets in arena.buffer, one behind the other', () => {
    const arena = new Arena();
    expect([arena.bump(8), arena.bump(1), arena.bump(100)]).toEqual([0, 16, 32]);
    expect(arena.buffer.byteLength).toBe(65536);
    expect(arena.used).toBe(132);
  });

  test('shares the chunk with blocks and never overlaps them', () => {
    const arena = new Arena();
    const offset = arena.bump(24);
    const block = arena.alloc(8).fill(1);
    new Uint8Array(arena.buffer, offset, 24).fill(2);
    expect(block.byteOffset).toBe(32);
    expect(block.buffer).toBe(arena.buffer);
    expect([...block]).toEqual(new Array(8).fill(1));
  });

  test.each([1, 2, 4, 8, 16, 64, 4096, 65536, 2 ** 21])('aligns addresses to %i', (alignment) => {
    const arena = new Arena();
    arena.bump(3);
    const base = arena.alloc(0).address - BigInt(arena.alloc(0).byteOffset);
    const { buffer } = arena;
    const offset = arena.bump(10, alignment);
    const start = arena.buffer === buffer ? base : arena.alloc(0).address - BigInt(arena.alloc(0).byteOffset);
    expect((start + BigInt(offset)) % BigInt(alignment)).toBe(0n);
  });

  test('goes on in a new buffer when the chunk is full, and the old one stays valid', () => {
    const arena = new Arena({ initialBytes: 4096 });
    const first = arena.bump(4000);
    const old = new Uint8Array(arena.buffer, first, 4000).fill(1);
    const second = arena.bump(4000);
    expect(new Uint8Array(arena.buffer, second, 4000)).not.toBe(old);
    new Uint8Array(arena.buffer, second, 4000).fill(2);
    expect(old.every((byte) => byte === 1)).toBe(true);
  });

  test('of more than a chunk gets a chunk that holds it, which becomes the current one', () => {
    const arena = new Arena();
    const offset = arena.bump(10_000_000);
    expect(arena.buffer.byteLength - offset).toBeGreaterThanOrEqual(10_000_000);
  });

  test('has its buffer ended by a reset', () => {
    const arena = new Arena();
    arena.bump(8);
    const view = new Uint8Array(arena.buffer);
    arena.reset();
    expect(view.length).toBe(0);
    expect(arena.bump(8)).toBe(0);
    expect(arena.buffer.byteLength).toBe(65536);
  });

  test('has the buffer ended also when nothing was bumped', () => {
    const arena = new Arena();
    arena.bump(8);
    arena.reset();
    const view = new Uint8Array(arena.buffer);
    arena.reset();
    expect(view.length).toBe(0);
  });

  test('above 1 GiB is refused: one buffer cannot hold it', () => {
    const arena = new Arena();
    const error = refusal(() => arena.bump(2 ** 30 + 1), 'ERR_FREEHOLD_INVALID_SIZE');
    expect(error.message).toMatch(/1 GiB.*alloc\(\)/);
  });

  test('refuses what alloc refuses', () => {
    const arena = new Arena({ limitBytes: 100 });
    for (const size of [-1, 0.5, NaN, '8', 8n]) {
      refusal(() => arena.bump(size as number), 'ERR_FREEHOLD_INVALID_SIZE');
    }
    refusal(() => arena.bump(8, 12), 'ERR_FREEHOLD_INVALID_ALIGNMENT');
    refusal(() => arena.bump(101), 'ERR_FREEHOLD_LIMIT');
    arena.dispose();
    refusal(() => arena.bump(8), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => arena.buffer, 'ERR_FREEHOLD_DISPOSED');
  });
});

describe('buffer', () => {
  test('of an arena without memory is empty', () => {
    expect(new Arena().buffer.byteLength).toBe(0);
  });
});

describe('a block of no length', () => {
  test('has its buffer ended by a reset', () => {
    for (const method of ['alloc', 'allocUnsafe', 'tryAlloc'] as const) {
      const arena = new Arena();
      const view = new Uint8Array(arena[method](0)!.buffer);
      expect(view.length).toBe(65536);
      arena.reset();
      expect(view.length).toBe(0);
    }
  });
});
