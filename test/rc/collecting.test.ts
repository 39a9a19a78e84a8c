import { RcHeap } from 'freehold';
import { describe, expect, test } from 'vitest';

import { collectUntil } from '../lib/collect.ts';

/** A ring that nothing holds; a handle of one of its blocks, which nobody has. */
function lostRing(heap: RcHeap, blocks: number): number {
  const first = heap.allocHandle(16, 1);
  let last = first;
  for (let made = 1; made < blocks; made++) {
    const next = heap.allocHandle(16, 1);
    heap.moveRef(last, 0, next);
    last = next;
  }
  heap.setRef(last, 0, first);
  heap.release(first);
  return first;
}

describe('a collection', () => {
  test('begins by itself when there are enough candidates, and comes to its end by itself', () => {
    using heap = new RcHeap({ maxPauseMs: 0 });
    const { threshold } = heap.stats();
    for (let ring = 0; ring < 4 * threshold; ring++) lostRing(heap, 3);
    const { collected, candidates } = heap.stats();
    expect(collected).toBeGreaterThan(3 * threshold);
    expect(candidates).toBeLessThanOrEqual(2 * threshold);
    expect(heap.check()).toBe(true);
  });

  test.each([30_000, 1 << 20])('begins by itself when few candidates of %i bytes hold much', (bytes) => {
    using heap = new RcHeap();
    let most = 0;
    for (let made = 0; made < (400 << 20) / bytes; made++) {
      const rc = heap.allocUnsafe(bytes, { refs: 1 });
      rc.setRef(0, rc);
      rc.release();
      if (made % 100 === 0) most = Math.max(most, heap.stats().bytes);
    }
    expect(heap.stats().collections).toBeGreaterThan(1);
    expect(most).toBeLessThan(80 << 20);
  });

  test('never begins by itself where that is not wanted', () => {
    using heap = new RcHeap({ automatic: false });
    for (let ring = 0; ring < 50_000; ring++) lostRing(heap, 2);
    expect(heap.stats()).toMatchObject({ collected: 0, blocks: 100_000, candidates: 50_000 });
    expect(heap.collect()).toBe(true);
    expect(heap.stats()).toMatchObject({ collected: 100_000, blocks: 0, candidates: 0 });
  });

  test('that was cut into parts is done when it says so', () => {
    using heap = new RcHeap({ automatic: false });
    lostRing(heap, 100_000);
    let parts = 1;
    while (!heap.collect({ maxPauseMs: 0.01 })) parts++;
    expect(parts).toBeGreaterThan(1);
    expect(heap.stats()).toMatchObject({ blocks: 0, collections: 1 });
  });

  test('looks at no more than what candidates lead to', () => {
    using heap = new RcHeap({ automatic: false });
    // A million blocks behind one handle, and ten thousand candidates that refer to the one that has it.
    let root = heap.allocHandle(16, 1);
    for (let made = 1; made < 1_000_000; made++) {
      const next = heap.allocHandle(16, 1);
      heap.moveRef(next, 0, root);
      root = next;
    }
    for (let made = 0; made < 10_000; made++) {
      const block = heap.allocHandle(16, 2);
      heap.setRef(block, 0, root);
      heap.setRef(block, 1, block);
      heap.release(block);
    }
    expect(heap.stats().candidates).toBe(10_000);
    heap.collect();
    expect(heap.stats()).toMatchObject({ touched: 10_000, collected: 10_000, blocks: 1_000_000 });
  });

  test('knows a block with a million references, and one that a million refer to', () => {
    using heap = new RcHeap({ automatic: false });
    const hub = heap.allocHandle(16, 1_000_000);
    for (let slot = 0; slot < 1_000_000; slot++) {
      const block = heap.allocHandle(16, 1);
      heap.setRef(block, 0, hub);
      heap.moveRef(hub, slot, block);
    }
    heap.release(hub);
    expect(heap.collect()).toBe(true);
    expect(heap.stats()).toMatchObject({ blocks: 0, edges: 0, collected: 1_000_001 });
  });

  test('spares what was reached again while it was under way', () => {
    using heap = new RcHeap({ automatic: false });
    const first = lostRing(heap, 50_000);
    const root = heap.allocHandle(16, 1);
    heap.setRef(root, 0, first);
    const weak = heap.weakHandle(first);
    lostRing(heap, 50_000);
    heap.collect({ maxPauseMs: 0 });
    const handle = heap.getRef(root, 0);
    heap.setRef(root, 0, 0);
    while (!heap.collect({ maxPauseMs: 0.05 }));
    expect(heap.isAlive(weak)).toBe(true);
    expect(heap.stats().blocks).toBe(50_001);
    heap.release(handle);
    heap.collect();
    expect(heap.isAlive(weak)).toBe(false);
    expect(heap.stats().blocks).toBe(1);
  });
});

describe('an Rc that is dropped', () => {
  test('is released when the collector of JavaScript has noticed, and counted', async () => {
    using heap = new RcHeap();
    const held = heap.alloc(16, { refs: 1 });
    (() => {
      for (let made = 0; made < 100; made++) heap.alloc(64).retain();
      heap.alloc(100_000);
      held.setRef(0, heap.alloc(10));
    })();
    await collectUntil(() => heap.stats().blocks === 2);
    expect(heap.stats()).toMatchObject({ blocks: 2, dropped: 202 });
    expect(heap.check()).toBe(true);
  });

  test('stays as long as an array or a part of it is there', async () => {
    using heap = new RcHeap();
    const kept: (Float64Array | Buffer)[] = [];
    // In functions of their own, so that no variable of this one holds the views in the end.
    (() => kept.push(heap.array(Float64Array, 8).fill(7), heap.alloc(100).fill(7).subarray(50)))();
    for (let round = 0; round < 3; round++) await collectUntil(() => true);
    for (let made = 0; made < 100; made++) heap.alloc(64).fill(0xee);
    expect((() => kept.every((view) => [...view].every((element) => element === 7)))()).toBe(true);
    kept.length = 0;
    await collectUntil(() => heap.stats().blocks === 0);
    expect(heap.stats().blocks).toBe(0);
  });
});
