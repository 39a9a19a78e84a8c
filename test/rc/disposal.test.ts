import { type DisposedBlock, RcHeap } from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

describe('onDispose', () => {
  test('is called once, when the block is dead and all that died with it', () => {
    using heap = new RcHeap();
    const dead: DisposedBlock[] = [];
    const live: number[] = [];
    const onDispose = (block: DisposedBlock): void => {
      dead.push(block);
      live.push(heap.stats().blocks);
      expect(heap.check()).toBe(true);
    };
    const parent = heap.alloc(20, { refs: 1, onDispose });
    const child = heap.alloc(30, { onDispose });
    const { handle } = parent;
    parent.moveRef(0, child);
    parent.release();
    expect(dead.map(({ byteLength }) => byteLength).sort()).toEqual([20, 30]);
    expect(dead.some((block) => block.handle === handle)).toBe(true);
    expect(live).toEqual([0, 0]);
  });

  test('is called for cycles, and for large blocks, whose memory is gone then', () => {
    using heap = new RcHeap();
    const dead: number[] = [];
    const onDispose = ({ byteLength }: DisposedBlock): void => void dead.push(byteLength);
    const [a, b] = [heap.alloc(100_000, { refs: 1, onDispose }), heap.alloc(16, { refs: 1, onDispose })];
    a.setRef(0, b);
    b.setRef(0, a);
    const view = new Uint8Array(a.buffer);
    a.release();
    b.release();
    expect(dead).toEqual([]);
    heap.collect();
    expect(dead.sort()).toEqual([100_000, 16]);
    expect(view.length).toBe(0);
  });

  test('that frees and allocates more is called on, not into', () => {
    using heap = new RcHeap();
    const order: string[] = [];
    const inner = heap.alloc(8, { onDispose: () => order.push('inner') });
    const outer = heap.alloc(8, {
      onDispose: () => {
        order.push('outer begins');
        inner.release();
        heap.alloc(8, { onDispose: () => order.push('newer') }).release();
        order.push('outer ends');
      },
    });
    outer.release();
    expect(order).toEqual(['outer begins', 'outer ends', 'inner', 'newer']);
    expect(heap.stats().blocks).toBe(0);
  });

  test('that throws stops no other, and is heard of when all were called', () => {
    using heap = new RcHeap();
    let called = 0;
    const failing = (): void => {
      called++;
      throw new Error(`failure ${called}`);
    };
    const parent = heap.alloc(8, { refs: 2, onDispose: failing });
    parent.moveRef(0, heap.alloc(8, { onDispose: failing }));
    parent.moveRef(1, heap.alloc(8, { onDispose: failing }));
    expect(() => parent.release()).toThrow(AggregateError);
    expect(called).toBe(3);
    const single = heap.alloc(8, { onDispose: failing });
    expect(() => single.release()).toThrow('failure 4');
    expect(heap.stats().blocks).toBe(0);
    expect(heap.check()).toBe(true);
  });

  test('may dispose the heap, and dispose calls what is left', () => {
    const heap = new RcHeap();
    const dead: string[] = [];
    heap.alloc(8, { onDispose: () => dead.push('of dispose') });
    const block = heap.alloc(8, {
      onDispose: () => {
        dead.push('of release');
        heap.dispose();
      },
    });
    block.release();
    expect(dead).toEqual(['of release', 'of dispose']);
    expect(heap.disposed).toBe(true);
  });

  test('can be added to a handle, more than once', () => {
    using heap = new RcHeap();
    const handle = heap.allocHandle(24);
    const dead: DisposedBlock[] = [];
    heap.onDispose(handle, (block) => dead.push(block));
    heap.onDispose(handle, (block) => dead.push(block));
    refusal(() => heap.onDispose(handle, 1 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    heap.release(handle);
    expect(dead).toEqual([
      { handle, byteLength: 24 },
      { handle, byteLength: 24 },
    ]);
    heap.release(heap.allocHandle(24));
    expect(dead.length).toBe(2);
  });
});
