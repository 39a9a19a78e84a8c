import { describe, expect, test } from 'vitest';
import { Arena, Block, type Allocator } from 'freehold';
import { refusal } from './lib/codes.ts';

describe('promote', () => {
  test('without an allocator gives an ordinary Buffer that outlives the arena', () => {
    const arena = new Arena();
    const kept = arena.promote(arena.string('kept'));
    arena.dispose();
    expect(kept).not.toBeInstanceOf(Block);
    expect(Buffer.isBuffer(kept)).toBe(true);
    expect(kept.toString()).toBe('kept');
  });

  test('into another arena gives a block of that arena', () => {
    const [request, session] = [new Arena(), new Arena()];
    const kept = request.promote(request.string('kept'), session);
    request.reset();
    expect(kept.allocator).toBe(session);
    expect(kept.toString()).toBe('kept');
    session.reset();
    expect(kept.length).toBe(0);
  });

  test('into the arena itself gives a copy', () => {
    const arena = new Arena();
    const block = arena.string('text');
    const copy = arena.promote(block, arena);
    block.fill(0);
    expect(copy.toString()).toBe('text');
  });

  test('works from blocks of no length and from large ones', () => {
    const arena = new Arena();
    expect(arena.promote(arena.alloc(0)).length).toBe(0);
    const large = arena.alloc(3_000_000).fill(1);
    expect(arena.promote(large, new Arena()).every((byte) => byte === 1)).toBe(true);
  });

  test('leaves the block as it is', () => {
    const arena = new Arena();
    const block = arena.string('text');
    arena.promote(block);
    expect([block.toString(), arena.used]).toEqual(['text', 4]);
  });

  test('says when the other allocator has no room, and then has changed nothing', () => {
    const [arena, small] = [new Arena(), new Arena({ limitBytes: 2 })];
    const block = arena.string('text');
    refusal(() => arena.promote(block, small), 'ERR_FREEHOLD_LIMIT');
    expect([block.toString(), small.used]).toEqual(['text', 0]);
  });

  test('refuses what is no allocator', () => {
    const arena = new Arena();
    const block = arena.alloc(8);
    for (const to of [null, {}, 5, 'arena', Uint8Array]) {
      const { message } = refusal(
        () => arena.promote(block, to as unknown as Allocator),
        'ERR_FREEHOLD_INVALID_ARGUMENT',
      );
      expect(message).toMatch(/^to must be an allocator/);
    }
  });
});
