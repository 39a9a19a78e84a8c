import { Arena, type Block } from 'freehold';
import { describe, expect, test } from 'vitest';

import { library } from './lib/c-functions.ts';

// A reset of an arena that native code alone has used ends no view, because there is none: which must be so.

/** An arena with one chunk, kept by a reset, and C's functions over it. */
function prepared() {
  const arena = new Arena({ initialBytes: 1 << 16 });
  const callbacks = arena.callbacks();
  const c = library(callbacks);
  for (let round = 0; round < 3; round++) {
    c.malloc(1000);
    arena.reset();
  }
  return { arena, callbacks, c, [Symbol.dispose]: () => arena.dispose() };
}

const views: [what: string, make: (arena: Arena, address: bigint) => Block][] = [
  ['blockAt over a block of C', (arena, address) => arena.blockAt(address, 100)],
  ['a block behind one of C', (arena) => arena.alloc(100)],
  ['a block of no length', (arena) => arena.alloc(0)],
  [
    'a block that was given back',
    (arena) => {
      const block = arena.alloc(64);
      arena.free(block);
      return block;
    },
  ],
];

describe('reset', () => {
  test('of what native code alone has used ends its blocks, and keeps the chunk', () => {
    using subject = prepared();
    const { arena, callbacks, c } = subject;
    const address = c.malloc(1000);
    const { resets, bytesReserved } = arena.stats();
    arena.reset();
    expect(arena.stats()).toMatchObject({ bytesUsed: 0, bytesReserved, resets: resets + 1, chunks: 1 });
    expect(callbacks.stats()).toMatchObject({ liveBlocks: 0, liveBytes: 0 });
    expect(c.malloc(1000)).toBe(address);
  });

  test.each(views)('ends every view, too, of %s', (_what, make) => {
    using subject = prepared();
    const { arena, c } = subject;
    const { buffer } = make(arena, c.malloc(1000));
    expect(buffer.byteLength).toBeGreaterThan(0);
    arena.reset();
    expect(buffer.byteLength).toBe(0);
    // And in the rounds after that.
    c.malloc(1000);
    arena.reset();
    const later = arena.alloc(16);
    c.malloc(16);
    arena.reset();
    expect(later).toHaveLength(0);
  });

  test('ends views that were made before C allocated', () => {
    using subject = prepared();
    const { arena, c } = subject;
    const block = arena.alloc(16);
    c.malloc(1000);
    arena.reset();
    expect(block).toHaveLength(0);
  });

  test('ends the view that arena.buffer gave, and marks of the epoch that has ended', () => {
    using subject = prepared();
    const { arena, c } = subject;
    const { buffer } = arena;
    c.malloc(16);
    const mark = arena.mark();
    arena.reset();
    expect(buffer.byteLength).toBe(0);
    expect(() => arena.rewind(mark)).toThrow(/mark/);
  });

  test('under a pin throws ERR_FREEHOLD_PINNED and ends nothing, also of C', () => {
    using subject = prepared();
    const { arena, callbacks, c } = subject;
    c.malloc(16);
    const pin = arena.pin();
    expect(() => arena.reset()).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_PINNED' }));
    expect(callbacks.stats().liveBlocks).toBe(1);
    pin.release();
    arena.reset();
    expect(callbacks.stats().liveBlocks).toBe(0);
  });

  test('keeps zeros: what is allocated after C wrote there is zeroed', () => {
    using subject = prepared();
    const { arena, c } = subject;
    arena.blockAt(c.malloc(1000), 1000).fill(0xff);
    arena.reset();
    c.malloc(16);
    arena.reset();
    expect(arena.alloc(1000).every((byte) => byte === 0)).toBe(true);
  });
});
