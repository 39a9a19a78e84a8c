import { describe, expect, test } from 'vitest';
import { Arena, type Pin } from 'freehold';
import { refusal, rejection } from './lib/codes.ts';

describe('a pinned arena', () => {
  test.each(['reset', 'dispose'] as const)('refuses %s, and nothing has changed then', (end) => {
    const arena = new Arena({ name: 'held' });
    const block = arena.alloc(16).fill(1);
    const pins = [arena.pin(), arena.pin()];
    const { message } = refusal(() => arena[end](), 'ERR_FREEHOLD_PINNED');
    for (const part of [end, '"held"', '2 pin', 'orphan']) expect(message).toContain(part);
    expect([block[15], arena.used, arena.disposed, arena.stats().resets]).toEqual([1, 16, false, 0]);
    for (const pin of pins) pin.release();
    arena[end]();
    expect(block.length).toBe(0);
  });

  test('refuses every mode that would end or reuse memory', () => {
    const arena = new Arena();
    arena.alloc(16);
    arena.pin();
    for (const mode of ['detach', 'reuse'] as const) {
      refusal(() => arena.reset({ mode }), 'ERR_FREEHOLD_PINNED');
      refusal(() => arena.dispose({ mode }), 'ERR_FREEHOLD_PINNED');
    }
    arena.reset({ mode: 'orphan' });
  });

  test('refuses a rewind, and every mark is still valid', () => {
    const arena = new Arena();
    const outer = arena.mark();
    const block = arena.alloc(16);
    const inner = arena.mark();
    const pin = arena.pin();
    refusal(() => arena.rewind(outer), 'ERR_FREEHOLD_PINNED');
    expect(block.length).toBe(16);
    pin.release();
    arena.rewind(inner);
    arena.rewind(outer);
    expect(block.length).toBe(0);
  });

  test('allocates and reallocates as any other, and frees no byte that native work may still write to', () => {
    const arena = new Arena();
    const pin = arena.pin();
    const block = arena.realloc(arena.alloc(16), 32);
    arena.free(block);
    expect(arena.used).toBe(32);
    pin.release();
    arena.free(block);
    expect(arena.used).toBe(0);
  });
});

describe("whenPinned: 'orphan'", () => {
  test('leaves the memory to its views and goes on with other memory', () => {
    const arena = new Arena({ whenPinned: 'orphan' });
    const block = arena.alloc(16).fill(1);
    const pin = arena.pin();
    arena.reset();
    arena.alloc(60_000).fill(2);
    expect([...block]).toEqual(new Array(16).fill(1));
    expect(arena.stats()).toMatchObject({ orphanings: 1, resets: 1, pins: 0 });
    pin.release();
    expect([...block]).toEqual(new Array(16).fill(1));
  });

  test('may be asked for by one call', () => {
    const arena = new Arena();
    const block = arena.alloc(16).fill(1);
    arena.pin();
    arena.reset({ whenPinned: 'orphan' });
    expect(block[0]).toBe(1);
    const next = arena.alloc(16).fill(2);
    arena.pin();
    arena.dispose({ whenPinned: 'orphan' });
    expect([block[0], next[0], arena.disposed]).toEqual([1, 2, true]);
  });

  test('changes nothing for what is not pinned', () => {
    const arena = new Arena({ whenPinned: 'orphan' });
    const block = arena.alloc(16);
    arena.reset();
    expect([block.length, arena.stats().orphanings]).toEqual([0, 0]);
  });

  test('makes a rewind keep what came after the mark until the reset', () => {
    const arena = new Arena({ whenPinned: 'orphan' });
    const mark = arena.mark();
    const block = arena.alloc(16).fill(1);
    const pin = arena.pin();
    arena.rewind(mark);
    arena.alloc(16).fill(2);
    expect([block[0], arena.used]).toEqual([1, 32]);
    pin.release();
    arena.rewind(mark);
    expect([block.length, arena.used]).toEqual([0, 0]);
  });

  test('leaves the pins of what was orphaned behind', () => {
    const arena = new Arena({ whenPinned: 'orphan' });
    const old = arena.pin();
    arena.alloc(8);
    arena.reset();
    const fresh = arena.pin();
    old.release();
    expect(arena.stats().pins).toBe(1);
    fresh.release();
    expect(arena.stats().pins).toBe(0);
  });
});

describe('a pin', () => {
  test('lets go once, however often it is released', () => {
    const arena = new Arena();
    const [pin, other] = [arena.pin(), arena.pin()];
    pin.release();
    pin.release();
    pin[Symbol.dispose]();
    expect(arena.stats().pins).toBe(1);
    other[Symbol.dispose]();
    expect(arena.stats().pins).toBe(0);
    arena.reset();
  });

  test('of a block holds its arena', () => {
    const arena = new Arena();
    const pin = arena.alloc(16).pin();
    refusal(() => arena.reset(), 'ERR_FREEHOLD_PINNED');
    pin.release();
    arena.reset();
  });

  test('of an orphaned block holds nothing but what it was made for', () => {
    const arena = new Arena();
    const block = arena.alloc(16);
    arena.reset({ mode: 'orphan' });
    const pin = block.pin();
    expect(arena.stats().pins).toBe(0);
    arena.dispose();
    pin.release();
    block.pin().release();
  });

  test('is not given by a disposed arena', () => {
    const arena = new Arena();
    arena.dispose();
    refusal(() => arena.pin(), 'ERR_FREEHOLD_DISPOSED');
  });
});

describe('pinned', () => {
  test('holds the arena while the operation runs, and gives its result', async () => {
    const arena = new Arena();
    arena.alloc(8);
    let finish: (result: string) => void = () => {};
    const running = arena.pinned(() => new Promise<string>((resolve) => (finish = resolve)));
    refusal(() => arena.reset(), 'ERR_FREEHOLD_PINNED');
    finish('result');
    expect(await running).toBe('result');
    arena.reset();
  });

  test('lets go when the operation fails, at once or later', async () => {
    const arena = new Arena();
    const reason = new Error('reason');
    await expect(arena.pinned(() => Promise.reject(reason))).rejects.toBe(reason);
    await expect(
      arena.pinned(() => {
        throw reason;
      }),
    ).rejects.toBe(reason);
    expect(arena.stats().pins).toBe(0);
  });

  test('takes an operation that is not asynchronous', async () => {
    expect(await new Arena().pinned(() => 5)).toBe(5);
  });

  test('holds for as many operations as run', async () => {
    const arena = new Arena();
    const resolvers: (() => void)[] = [];
    const operations = [1, 2, 3].map(() =>
      arena.pinned(() => new Promise<void>((done) => resolvers.push(done))),
    );
    expect(arena.stats().pins).toBe(3);
    for (const [index, done] of resolvers.entries()) {
      done();
      await operations[index];
      expect(arena.stats().pins).toBe(2 - index);
    }
  });

  test('rejects what is no function, and a disposed arena', async () => {
    const arena = new Arena();
    await rejection(arena.pinned(5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(arena.stats().pins).toBe(0);
    arena.dispose();
    await rejection(
      arena.pinned(() => 5),
      'ERR_FREEHOLD_DISPOSED',
    );
  });
});

test('a pin survives the arena', () => {
  const pins: Pin[] = [];
  const arena = new Arena();
  pins.push(arena.pin());
  arena.dispose({ mode: 'orphan' });
  for (const pin of pins) pin.release();
  expect(arena.stats().pins).toBe(0);
});
