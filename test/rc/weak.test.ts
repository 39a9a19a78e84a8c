import { RcHeap } from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

describe('a weak reference', () => {
  test('gives its block as long as that lives, and null from its death on', () => {
    using heap = new RcHeap();
    const block = heap.alloc(40).fill(3);
    const weak = block.weak();
    const again = weak.upgrade();
    expect(again?.every((byte) => byte === 3)).toBe(true);
    block.release();
    expect(weak.alive).toBe(true);
    again?.release();
    expect(weak.alive).toBe(false);
    expect(weak.upgrade()).toBe(null);
  });

  test('is dead when another block has the place of its own', () => {
    using heap = new RcHeap();
    const seen: ReturnType<typeof heap.weakHandle>[] = [];
    for (let life = 0; life < 1000; life++) {
      const handle = heap.allocHandle(64);
      seen.push(heap.weakHandle(handle));
      expect(heap.upgrade(seen[life])).toBe(handle);
      heap.release(handle);
      heap.release(handle);
    }
    const now = heap.allocHandle(64);
    expect(new Set(seen).size).toBe(1000);
    for (const weak of seen) expect(heap.upgrade(weak)).toBe(0);
    expect(heap.refCount(now)).toBe(1);
  });

  test('of a block in a cycle dies when the cycle is collected', () => {
    using heap = new RcHeap();
    const block = heap.alloc(16, { refs: 1 });
    block.setRef(0, block);
    const weak = block.weak();
    block.release();
    expect(weak.alive).toBe(true);
    heap.collect();
    expect(weak.alive).toBe(false);
  });

  test('is dead when its heap was disposed', () => {
    const heap = new RcHeap();
    const weak = heap.alloc(1).weak();
    heap.dispose();
    expect(weak.alive).toBe(false);
    expect(weak.upgrade()).toBe(null);
  });

  test('handles are not mistaken for handles, nor anything else', () => {
    using heap = new RcHeap();
    const handle = heap.allocHandle(10);
    const weak = heap.weakHandle(handle);
    refusal(() => heap.retain(weak), 'ERR_FREEHOLD_USE_AFTER_FREE');
    for (const wrong of [handle, 0, -1, NaN, 0.5, 2 ** 53, '1', null, undefined, 1n, {}])
      refusal(() => heap.upgrade(wrong as number), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('wears a block out after 8,191 lives, which is then never used again', () => {
    using heap = new RcHeap();
    const first = heap.allocHandle(16);
    let handle = first;
    for (let life = 0; life < 8191; life++) {
      heap.weakHandle(handle);
      heap.release(handle);
      handle = heap.allocHandle(16);
    }
    expect(handle).not.toBe(first);
    expect(heap.stats().retired).toBe(1);
    expect(heap.check()).toBe(true);
  });
});
