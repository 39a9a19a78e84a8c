import { describe, expect, test } from 'vitest';
import {
  Arena,
  type Allocator,
  FixedBuffer,
  Heap,
  Pool,
  RcHeap,
  Stack,
  addressOf,
  create,
  f64,
  limited,
  pageAllocator,
  struct,
} from 'freehold';
import { borrow, pinnedAll } from 'freehold/ffi';

import { refusal, rejection } from '../lib/codes.ts';

describe('borrow', () => {
  test('passes the address and the view, and what the operation gives', () => {
    using heap = new Heap();
    const block = heap.alloc(64);
    expect(borrow(block, (address, view) => [address, view])).toEqual([block.address, block]);
    expect(borrow(block, () => null)).toBe(null);
    const length: number = borrow(block, (_, view) => view.length);
    expect(length).toBe(64);
  });

  test.each<[string, () => Allocator, number, boolean]>([
    ['an arena', () => new Arena(), 64, false],
    ['a pool', () => new Pool({ blockBytes: 64 }), 64, false],
    ['a heap', () => new Heap(), 64, false],
    ['large blocks of a heap', () => new Heap(), 100_000, false],
    ['a page allocator', () => pageAllocator(), 64, false],
    ['a counting heap', () => new RcHeap(), 64, false],
    ['a fixed buffer', () => new FixedBuffer(Buffer.alloc(4096)), 64, false],
    ['a stack', () => new Stack({ bytes: 65536 }), 64, false],
    // Which ends, and leaves its memory to the heap.
    ['a wrapped heap', () => limited(new Heap(), 100_000), 64, true],
  ])('pins the memory of %s while the operation runs, and not longer', (_name, make, bytes, isWrapper) => {
    const allocator = make();
    const block = allocator.alloc(bytes);
    const end = () => {
      if (isWrapper) allocator.free(block);
      else allocator[Symbol.dispose]();
    };
    borrow(block, () => {
      refusal(end, 'ERR_FREEHOLD_PINNED');
      expect(block.length).toBe(bytes);
    });
    expect(() =>
      borrow(block, () => {
        throw new Error('on purpose');
      }),
    ).toThrow('on purpose');
    end();
  });

  test('until a promise settles, and settles likewise', async () => {
    using heap = new Heap();
    const block = heap.alloc(64);
    let finish: (value: string) => void = () => undefined;
    const promise = borrow(block, () => new Promise<string>((resolve) => (finish = resolve)));
    await Promise.resolve();
    refusal(() => heap.free(block), 'ERR_FREEHOLD_PINNED');
    finish('done');
    expect(await promise).toBe('done');
    const failing = borrow(block, async () => {
      await Promise.resolve();
      throw new Error('on purpose');
    });
    refusal(() => heap.free(block), 'ERR_FREEHOLD_PINNED');
    await expect(failing).rejects.toThrow('on purpose');
    heap.free(block);
  });

  test('also for what only has a then, which is called once', async () => {
    using heap = new Heap();
    const block = heap.alloc(64);
    let calls = 0;
    const lazy = {
      then(resolve: (value: number) => void) {
        calls++;
        setImmediate(resolve, 5);
      },
    };
    const promise = borrow(block, () => lazy);
    await Promise.resolve();
    refusal(() => heap.free(block), 'ERR_FREEHOLD_PINNED');
    expect(await promise).toBe(5);
    expect(calls).toBe(1);
    heap.free(block);
    const other = heap.alloc(64);
    const trap = Object.defineProperty({}, 'then', {
      get: () => {
        throw new Error('on purpose');
      },
    });
    expect(() => borrow(other, () => trap)).toThrow('on purpose');
    heap.free(other);
  });

  test('takes typed arrays, DataViews and structs in the memory of allocators', () => {
    using arena = new Arena();
    using heap = new Heap();
    const floats = arena.array(Float32Array, 8);
    const view = new DataView(floats.buffer, floats.byteOffset, 8);
    for (const each of [floats, view]) {
      borrow(each, (address) => {
        expect(address).toBe(addressOf(floats));
        refusal(() => arena.reset(), 'ERR_FREEHOLD_PINNED');
      });
    }
    arena.reset();
    const point = create(heap, struct({ x: f64 }), { x: 1 });
    borrow(point, (address, p) => {
      expect([address, p.x]).toEqual([addressOf(point), 1]);
      refusal(() => point[Symbol.dispose](), 'ERR_FREEHOLD_PINNED');
    });
    point[Symbol.dispose]();
  });

  test('blocks of an orphaned epoch are held by themselves', () => {
    using arena = new Arena({ reset: 'orphan' });
    const block = arena.alloc(64);
    arena.reset();
    expect(borrow(block, (address) => address)).toBe(block.address);
  });

  test('refuses memory of no allocator, memory that is gone, and what is no function', () => {
    using arena = new Arena();
    const block = arena.alloc(8);
    for (const value of [Buffer.alloc(8), new ArrayBuffer(8), {}, null, undefined, 5])
      refusal(() => borrow(value as Buffer, () => 1), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => borrow(block, 5 as unknown as () => void), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    arena.reset();
    refusal(() => borrow(block, () => 1), 'ERR_FREEHOLD_USE_AFTER_FREE');
    arena.reset();
  });

  test('can be nested', () => {
    using heap = new Heap();
    const block = heap.alloc(8);
    borrow(block, () => {
      borrow(block, () => undefined);
      refusal(() => heap.free(block), 'ERR_FREEHOLD_PINNED');
    });
    heap.free(block);
  });
});

describe('pinnedAll', () => {
  test('pins all of them while the operation runs', async () => {
    using heap = new Heap();
    using arena = new Arena();
    const blocks = [heap.alloc(8), arena.alloc(8)];
    const promise = pinnedAll(blocks, async () => {
      await Promise.resolve();
      return 7;
    });
    refusal(() => heap.free(blocks[0]), 'ERR_FREEHOLD_PINNED');
    refusal(() => arena.reset(), 'ERR_FREEHOLD_PINNED');
    expect(await promise).toBe(7);
    heap.free(blocks[0]);
    arena.reset();
    expect(pinnedAll([], () => 1)).toBe(1);
  });

  test('pins none of them when one cannot be pinned', () => {
    using heap = new Heap();
    const block = heap.alloc(8);
    refusal(() => pinnedAll([block, Buffer.alloc(8)], () => 1), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    const other = heap.alloc(8);
    heap.free(block);
    refusal(() => pinnedAll([other, block], () => 1), 'ERR_FREEHOLD_USE_AFTER_FREE');
    heap.free(other);
  });

  test('refuses blocks that were given back, whatever their allocator', () => {
    using heap = new Heap();
    using pool = new Pool({ blockBytes: 64 });
    using counted = new RcHeap();
    using pages = pageAllocator();
    const rc = counted.alloc(8);
    const blocks = [heap.alloc(8), heap.alloc(100_000), pool.alloc(), pages.alloc(8)];
    for (const block of blocks) block.allocator.free(block);
    rc.release();
    for (const block of [...blocks, rc]) refusal(() => borrow(block, () => 1), 'ERR_FREEHOLD_USE_AFTER_FREE');
  });

  test('a promise that is rejected lets go, too', async () => {
    using heap = new Heap();
    const block = heap.alloc(8);
    await rejection(
      pinnedAll([block], async () => {
        await Promise.resolve();
        heap.free(block);
      }),
      'ERR_FREEHOLD_PINNED',
    );
    heap.free(block);
  });
});
