import { markAsUntransferable } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { Arena } from 'freehold';
import { canEscape, escape } from './lib/memory.ts';

/** Allocates from what is left of the arena's chunk and from a few more, and writes on all of it. */
function scribble(arena: Arena): void {
  for (let i = 0; i < 50; i++) arena.allocUnsafe(8 * 1024).fill(0xee);
}

/** Whether every byte that is left (none, when the view died) is still the 1 that its owner wrote. */
function isUntouched(view: Uint8Array): boolean {
  for (let index = 0; index < view.length; index++) {
    if (view[index] !== 1) return false;
  }
  return true;
}

describe.skipIf(!canEscape)('memory that the program transferred to elsewhere', () => {
  test('is never handed out again before a reset', () => {
    const arena = new Arena();
    const moved = escape(arena.alloc(64).buffer).fill(1);
    scribble(arena);
    expect(isUntouched(moved)).toBe(true);
  });

  test('is never handed out again after a reset, and is counted as orphaned', () => {
    const arena = new Arena();
    const moved = escape(arena.alloc(64).buffer).fill(1);
    arena.reset();
    scribble(arena);
    expect(isUntouched(moved)).toBe(true);
    expect(arena.stats().orphanings).toBe(1);
  });

  test.each(['orphan', 'reuse', 'detach'] as const)('survives reset({ mode: %o })', (mode) => {
    const arena = new Arena();
    const moved = escape(arena.alloc(64).buffer).fill(1);
    arena.reset({ mode });
    scribble(arena);
    expect(isUntouched(moved)).toBe(true);
    arena.dispose();
    expect(isUntouched(moved)).toBe(true);
  });

  test('survives marks taken before and after it escaped', () => {
    const arena = new Arena();
    const block = arena.alloc(64);
    const before = arena.mark();
    const moved = escape(block.buffer).fill(1);
    const after = arena.mark();
    scribble(arena);
    arena.rewind(after);
    scribble(arena);
    arena.rewind(before);
    scribble(arena);
    expect(isUntouched(moved)).toBe(true);
    expect(arena.alloc(8).length).toBe(8);
  });

  test('survives a rewind that would end it', () => {
    const arena = new Arena();
    const kept = arena.alloc(64).fill(1);
    const mark = arena.mark();
    const moved = escape(arena.alloc(64).buffer).fill(1);
    for (let round = 0; round < 5; round++) {
      arena.rewind(mark);
      scribble(arena);
    }
    expect(isUntouched(moved)).toBe(true);
    expect(kept[63]).toBe(1);
    arena.reset();
    scribble(arena);
    expect(isUntouched(moved)).toBe(true);
  });

  test('survives a rewind over nested marks, where it is a part of a chunk', () => {
    const arena = new Arena();
    arena.alloc(64);
    const outer = arena.mark();
    const dies = arena.alloc(64);
    arena.mark();
    const moved = escape(arena.alloc(64).buffer).fill(1);
    arena.mark();
    const alsoDies = arena.alloc(64);
    arena.rewind(outer);
    expect([dies.length, alsoDies.length]).toEqual([0, 0]);
    scribble(arena);
    expect(isUntouched(moved)).toBe(true);
  });

  test('leaves arrays, bumps and zero-filled blocks working', () => {
    const arena = new Arena();
    escape(arena.alloc(64).buffer);
    expect(arena.array(Float64Array, 4)).toEqual(new Float64Array(4));
    escape(arena.buffer);
    const offset = arena.alloc(16).byteOffset;
    expect(arena.bump(16)).toBe(offset + 16);
    expect(arena.buffer.byteLength).toBeGreaterThan(0);
  });

  test('is not what a bump refers to after a reset in mode reuse', () => {
    const arena = new Arena();
    escape(arena.alloc(64).buffer);
    arena.reset({ mode: 'reuse' });
    const offset = arena.bump(64);
    expect(arena.buffer.byteLength).toBeGreaterThanOrEqual(offset + 64);
  });

  test('is not owned by the arena any more', () => {
    const arena = new Arena();
    const block = arena.alloc(64);
    const moved = escape(block.buffer).fill(1);
    expect([arena.owns(block), arena.owns(moved)]).toEqual([false, false]);
  });
});

describe('memory that the program made untransferable', () => {
  test('is not handed out again under the views that cannot be ended', () => {
    const arena = new Arena();
    const block = arena.alloc(64).fill(1);
    markAsUntransferable(block.buffer);
    arena.reset();
    scribble(arena);
    expect(isUntouched(block)).toBe(true);
  });

  test('is not handed out again by a rewind', () => {
    const arena = new Arena();
    arena.alloc(64);
    const mark = arena.mark();
    const block = arena.alloc(64).fill(1);
    markAsUntransferable(block.buffer);
    arena.rewind(mark);
    scribble(arena);
    expect(isUntouched(block)).toBe(true);
  });
});
