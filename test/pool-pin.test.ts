import { describe, expect, test } from 'vitest';
import { Heap, Pool } from 'freehold';
import { refusal } from './lib/codes.ts';
import { canEscape, escape } from './lib/memory.ts';

describe('a pinned block of a pool', () => {
  test('is freed in no way until every pin is released', () => {
    using pool = new Pool({ blockBytes: 64, name: 'held' });
    const block = pool.alloc();
    const handle = pool.handleOf(block);
    const pins = [block.pin(), pool.pin(block)];
    expect(pool.stats().pins).toBe(2);
    for (const free of [
      () => pool.free(block),
      () => pool.free(new Uint8Array(block.buffer, block.byteOffset, 1)),
      () => pool.freeIndex(pool.indexOf(handle)),
      () => pool.freeHandle(handle),
      () => block[Symbol.dispose](),
    ]) {
      expect(refusal(free, 'ERR_FREEHOLD_PINNED').message).toContain('"held"');
    }
    pins[0].release();
    refusal(() => pool.free(block), 'ERR_FREEHOLD_PINNED');
    pins[1].release();
    pool.free(block);
    expect([pool.blocks, pool.stats().pins]).toEqual([0, 0]);
  });

  test('holds no other block, and its slab against trim', () => {
    using pool = new Pool({ blockBytes: 64 });
    const [held, other] = [pool.alloc().fill(7), pool.alloc()];
    using pin = held.pin();
    pool.free(other);
    pool.freeIndex(pool.allocIndex());
    expect(pool.trim()).toBe(0);
    expect([held.length, held[63]]).toEqual([64, 7]);
    pin.release();
  });

  test('holds the pool against dispose and not against orphan', () => {
    const pool = new Pool({ blockBytes: 64 });
    const block = pool.alloc().fill(7);
    const pin = block.pin();
    refusal(() => pool.dispose(), 'ERR_FREEHOLD_PINNED');
    expect([pool.disposed, pool.blocks]).toEqual([false, 1]);
    pool.orphan();
    expect([pool.disposed, block.length, block[0]]).toEqual([true, 64, 7]);
    pin.release();
  });

  test.runIf(canEscape)('whose memory was moved away holds neither its slot nor the pool any more', () => {
    using pool = new Pool({ blockBytes: 64 });
    const block = pool.alloc();
    const pin = block.pin();
    escape(block.buffer);
    const next = pool.alloc();
    expect(pool.stats()).toMatchObject({ blocks: 1, orphanings: 1, pins: 0 });
    pool.free(next);
    pin.release();
    expect(pool.stats().pins).toBe(0);
  });

  test('that is none throws', () => {
    using pool = new Pool({ blockBytes: 64 });
    using heap = new Heap();
    const block = pool.alloc();
    pool.free(block);
    for (const none of [block, heap.alloc(8)]) refusal(() => pool.pin(none), 'ERR_FREEHOLD_INVALID_FREE');
  });
});
