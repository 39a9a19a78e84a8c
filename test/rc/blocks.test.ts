import { Arena, Rc, RcHeap, memoryStats, tracking } from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

describe('a block', () => {
  test('is a Buffer that lives until its last handle is released', () => {
    using heap = new RcHeap();
    const block = heap.alloc(100);
    expect(Buffer.isBuffer(block) && block instanceof Rc).toBe(true);
    expect(block.length).toBe(100);
    expect(block.every((byte) => byte === 0)).toBe(true);
    expect(block.retain()).toBe(block);
    expect(block.refCount).toBe(2);
    block.release();
    expect(heap.stats().blocks).toBe(1);
    block.release();
    expect(heap.stats().blocks).toBe(0);
    expect(heap.check()).toBe(true);
  });

  test('is zeroed by alloc whatever was there before', () => {
    using heap = new RcHeap();
    for (const size of [1, 16, 100, 5000, 100_000]) {
      heap.allocUnsafe(size).fill(0xee).release();
      const next = heap.alloc(size);
      expect(next.every((byte) => byte === 0)).toBe(true);
    }
  });

  test('that was released cannot be used: ERR_FREEHOLD_USE_AFTER_FREE, and released once more: ERR_FREEHOLD_DOUBLE_FREE', () => {
    using heap = new RcHeap();
    const block = heap.alloc(10, { refs: 1 });
    const other = heap.alloc(10);
    block.release();
    refusal(() => block.release(), 'ERR_FREEHOLD_DOUBLE_FREE');
    refusal(() => heap.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    for (const use of [
      () => block.retain(),
      () => block.setRef(0, other),
      () => block.getRef(0),
      () => block.weak(),
      () => block.refCount,
      () => block.handle,
      () => block.reserveRefs(2),
      () => other.setRef(0, block),
    ])
      refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
    block[Symbol.dispose]();
    expect(heap.stats().blocks).toBe(1);
  });

  test('keeps what it refers to, and lets go of it when it dies', () => {
    using heap = new RcHeap();
    const parent = heap.alloc(16, { refs: 2 });
    const child = heap.alloc(77).fill(7);
    parent.setRef(0, child);
    parent.setRef(1, child);
    child.release();
    using again = parent.getRef(0);
    expect(again?.length).toBe(77);
    expect(again?.every((byte) => byte === 7)).toBe(true);
    expect(again?.refCount).toBe(3);
    parent.setRef(0, null);
    expect(parent.getRef(0)).toBe(null);
    parent.release();
    expect(heap.stats()).toMatchObject({ blocks: 1, edges: 0 });
  });

  test('moves a handle into a reference', () => {
    using heap = new RcHeap();
    const parent = heap.alloc(16, { refs: 1 });
    const child = heap.alloc(16);
    parent.moveRef(0, child);
    refusal(() => child.release(), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(heap.stats()).toMatchObject({ blocks: 2, edges: 1, candidates: 0 });
    parent.release();
    expect(heap.stats()).toMatchObject({ blocks: 0, edges: 0 });
  });

  test('can get room for more references, and has none where it has no room', () => {
    using heap = new RcHeap();
    const block = heap.alloc(16, { refs: 1 });
    const [a, b] = [heap.alloc(1), heap.alloc(2)];
    block.moveRef(0, a);
    refusal(() => block.setRef(1, b), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    block.reserveRefs(1000);
    expect(block.refSlots).toBeGreaterThanOrEqual(1000);
    block.moveRef(999, b);
    expect(block.getRef(0)?.length).toBe(1);
    expect(block.getRef(999)?.length).toBe(2);
    for (const slot of [-1, 1e6, 0.5, NaN, 2 ** 31, 2 ** 32, '0' as unknown as number])
      refusal(() => block.setRef(slot, null), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(heap.check()).toBe(true);
  });

  test('refers to blocks of its own heap only', () => {
    using heap = new RcHeap();
    using other = new RcHeap();
    const block = heap.alloc(16, { refs: 1 });
    for (const wrong of [other.alloc(1), Buffer.alloc(1), {}, 64, undefined])
      refusal(() => block.setRef(0, wrong as Rc), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('above 32 KiB, or isolated, has an ArrayBuffer of its own, which ends with it', () => {
    using heap = new RcHeap();
    const before = memoryStats().blocks.count;
    for (const make of [
      () => heap.alloc(50_000, { refs: 1 }),
      () => heap.alloc(10, { isolate: true }),
      () => heap.alloc(8, 8192),
    ]) {
      const block = make();
      const view = new Uint8Array(block.buffer);
      expect(heap.stats()).toMatchObject({ blocks: 1, large: 1, bytes: block.length });
      block.release();
      expect(view.length).toBe(0);
    }
    expect(heap.stats()).toMatchObject({ blocks: 0, large: 0, bytes: 0 });
    expect(memoryStats().blocks.count).toBe(before);
  });

  test('of a heap that is disposed has length 0, and the heap throws', () => {
    const heap = new RcHeap({ name: 'gone' });
    const blocks = [heap.alloc(10, { refs: 1 }), heap.alloc(100_000)];
    heap.dispose();
    heap.dispose();
    for (const block of blocks) {
      expect(block.length).toBe(0);
      refusal(() => block.release(), 'ERR_FREEHOLD_DISPOSED');
      block[Symbol.dispose]();
    }
    refusal(() => heap.alloc(1), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => heap.allocHandle(1), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => heap.retain(64), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => heap.collect(), 'ERR_FREEHOLD_DISPOSED');
    expect(heap.stats()).toMatchObject({ blocks: 0, bytesReserved: 0 });
  });

  test('is held by a pin, released or not, and the heap against dispose', () => {
    using heap = new RcHeap();
    const block = heap.alloc(64).fill(1);
    const pin = block.pin();
    const second = block.pin();
    block.release();
    expect(heap.stats()).toMatchObject({ blocks: 1, pins: 2 });
    refusal(() => heap.dispose(), 'ERR_FREEHOLD_PINNED');
    pin.release();
    pin.release();
    expect(block[0]).toBe(1);
    second.release();
    expect(heap.stats()).toMatchObject({ blocks: 0, pins: 0 });
  });

  test('is reallocated with its references when nobody else holds it', () => {
    using heap = new RcHeap();
    const block = heap.alloc(10, { refs: 2 }).fill(5);
    block.moveRef(1, heap.alloc(33));
    const larger = heap.realloc(block, 5000);
    expect(larger.subarray(0, 10).every((byte) => byte === 5)).toBe(true);
    expect(larger.subarray(10).every((byte) => byte === 0)).toBe(true);
    expect(larger.getRef(1)?.length).toBe(33);
    refusal(() => block.release(), 'ERR_FREEHOLD_DOUBLE_FREE');
    larger.retain();
    refusal(() => heap.realloc(larger, 1), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(heap.stats().blocks).toBe(2);
    expect(heap.check()).toBe(true);
  });
});

test('a limit is asked for after everything was collected, and exact', () => {
  using heap = new RcHeap({ limitBytes: 64 * 100, automatic: false });
  for (let round = 0; round < 20; round++) {
    const ring = Array.from({ length: 100 }, () => heap.alloc(64, { refs: 1 }));
    ring.forEach((block, index) => block.setRef(0, ring[(index + 1) % 100]));
    expect(heap.tryAlloc(64)).toBe(null);
    refusal(() => heap.alloc(64), 'ERR_FREEHOLD_LIMIT');
    refusal(() => heap.alloc(100_000), 'ERR_FREEHOLD_LIMIT');
    for (const block of ring) block.release();
  }
  expect(heap.stats()).toMatchObject({ blocks: 100, collected: 1900 });
  expect(heap.check()).toBe(true);
});

test('at its limit a heap still makes, moves and grows references, and loses nothing', () => {
  using heap = new RcHeap({ limitBytes: 64 * 1024 });
  const blocks: Rc[] = [];
  for (let rc = heap.tryAlloc(64, { refs: 2 }); rc !== null; rc = heap.tryAlloc(64, { refs: 2 }))
    blocks.push(rc);
  expect(heap.stats().bytes).toBe(64 * 1024);
  const [first, ...rest] = blocks;
  first.reserveRefs(rest.length);
  for (const [slot, rc] of rest.entries()) first.setRef(slot, rc);
  for (const rc of rest) rc.setRef(0, first);
  refusal(() => heap.alloc(1), 'ERR_FREEHOLD_LIMIT');
  expect(heap.check()).toBe(true);
  for (const rc of blocks) rc.release();
  // What only refers to itself makes way for what is asked for.
  const made = heap.alloc(64);
  expect([heap.stats().blocks, heap.stats().collected, heap.check()]).toEqual([1, blocks.length, true]);
  made.release();
});

test('a wrapper hears of blocks that are released', () => {
  using heap = new RcHeap();
  const tracked = tracking(heap);
  const block = tracked.alloc(48);
  if (!(block instanceof Rc)) throw new Error('no Rc');
  block.retain().release();
  expect(tracked.stats().blocks).toBe(1);
  block.release();
  expect(tracked.stats().blocks).toBe(0);
  tracked.dispose();
});

test('other allocators do not take its blocks', () => {
  using heap = new RcHeap();
  using arena = new Arena();
  const block = heap.alloc(10);
  refusal(() => arena.free(block), 'ERR_FREEHOLD_INVALID_FREE');
  expect(arena.owns(block)).toBe(false);
  expect(heap.owns(block.subarray(3))).toBe(true);
});

describe('realloc', () => {
  test('stays in place where the size class does, weak references and callbacks with it', () => {
    using heap = new RcHeap();
    const dead: number[] = [];
    const block = heap.alloc(20, { refs: 1, onDispose: ({ byteLength }) => dead.push(byteLength) }).fill(9);
    const weak = block.weak();
    const { handle } = block;
    const longer = heap.realloc(block, 32);
    expect([longer.handle, longer.length, longer.readUInt16LE(19)]).toEqual([handle, 32, 9]);
    expect(weak.alive).toBe(true);
    const moved = heap.realloc(longer, 5000);
    expect(moved.handle).not.toBe(handle);
    expect(weak.alive).toBe(false);
    expect(dead).toEqual([]);
    moved.release();
    expect(dead.length).toBe(1);
    expect(heap.check()).toBe(true);
  });

  test('of a large block in place keeps to the limit', () => {
    using heap = new RcHeap({ limitBytes: 100_000 });
    let block = heap.alloc(40_000).fill(1);
    block = heap.realloc(block, 40_900);
    expect(heap.stats().bytes).toBe(40_900);
    block = heap.realloc(block, 40_000);
    expect(heap.stats().bytes).toBe(40_000);
    expect(block.every((byte) => byte === 1)).toBe(true);
    refusal(() => heap.realloc(block, 90_000), 'ERR_FREEHOLD_LIMIT');
    block.release();
    expect(heap.stats().bytes).toBe(0);
  });
});
