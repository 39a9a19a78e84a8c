import { markAsUntransferable } from 'node:worker_threads';

import { describe, expect, test, vi } from 'vitest';
import { Heap, memoryStats } from 'freehold';
import { type ForeignStats, borrow, fromAddress, lend } from 'freehold/ffi';

import { refusal } from '../lib/codes.ts';
import { backing } from '../lib/memory.ts';
import { compileLibrary, hasCompiler, openLibrary } from './lib/library.ts';

/** Whether a mark keeps an ArrayBuffer from being ended: on node 24 and later. */
function marksHold(): boolean {
  const buffer = new ArrayBuffer(8) as ArrayBuffer & { transfer?: () => ArrayBuffer };
  markAsUntransferable(buffer);
  try {
    buffer.transfer?.();
    return false;
  } catch {
    return true;
  }
}

describe.runIf(hasCompiler && backing === 'pages')('fromAddress', () => {
  const c = openLibrary(compileLibrary());
  const free = BigInt(c.disposeAddress);

  /** What was freed while something ran. */
  function freedBy(run: () => unknown): number {
    const before = c.freed();
    run();
    return c.freed() - before;
  }

  test('shows the bytes of the library, which sees what is written to them', () => {
    const block = fromAddress(c.fixed(), 64);
    expect(Buffer.isBuffer(block)).toBe(true);
    expect(block.address).toBe(c.fixed());
    expect(block.toString('latin1', 0, 13)).toBe('static memory');
    block.write('shared');
    expect(c.sum(block, 6)).toBe([...Buffer.from('shared')].reduce((sum, byte) => sum + byte));
    expect(fromAddress(c.fixed(), 64).toString('latin1', 0, 13)).toBe('shared memory');
    block[Symbol.dispose]();
  });

  test('without free it is a view: when it ends nothing is freed, and all views of it die', () => {
    const block = fromAddress(c.fixed(), 64);
    const part = block.subarray(8);
    const words = new Uint32Array(block.buffer);
    expect(freedBy(() => block[Symbol.dispose]())).toBe(0);
    expect([block.length, part.length, words.length]).toEqual([0, 0, 0]);
    refusal(() => block.address, 'ERR_FREEHOLD_USE_AFTER_FREE');
    block[Symbol.dispose]();
  });

  test('with a native free the memory is freed once, by dispose', () => {
    const address = c.make(100);
    const block = fromAddress(address, 100, { free });
    expect([...block.subarray(0, 3), block[99]]).toEqual([0, 1, 2, 99]);
    expect(freedBy(() => block[Symbol.dispose]())).toBe(1);
    expect(BigInt(c.last())).toBe(address);
    expect(block.length).toBe(0);
    expect(freedBy(() => block[Symbol.dispose]())).toBe(0);
    refusal(() => block.allocator.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
  });

  test('with a function it is called with the address, once, when the views are dead', () => {
    const address = c.make(10);
    const lengths: number[] = [];
    const release = vi.fn((at: bigint) => {
      lengths.push(block.length);
      c.dispose(at);
    });
    const block = fromAddress(address, 10, { free: release, name: 'ten' });
    block.allocator.free(block);
    expect(release.mock.calls).toEqual([[address]]);
    expect(lengths).toEqual([0]);
    refusal(() => block.allocator.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
  });

  test('a function that throws is not called again, and the block has ended', () => {
    const address = c.make(10);
    const release = vi.fn(() => {
      throw new Error('on purpose');
    });
    const block = fromAddress(address, 10, { free: release });
    const before = memoryStats().foreign;
    expect(() => block[Symbol.dispose]()).toThrow('on purpose');
    expect(block.length).toBe(0);
    block[Symbol.dispose]();
    expect(release).toHaveBeenCalledTimes(1);
    expect(memoryStats().foreign).toEqual({ blocks: before.blocks - 1, bytes: before.bytes - 10 });
    c.dispose(address);
  });

  test('a function that frees others, and adopts what comes in their place, does no harm', () => {
    const inner = fromAddress(c.make(20), 20, { free });
    let next: Buffer | undefined;
    const outer = fromAddress(c.make(20), 20, {
      free: (at) => {
        inner[Symbol.dispose]();
        c.dispose(at);
        next = fromAddress(c.make(20), 20, { free });
      },
    });
    expect(freedBy(() => outer[Symbol.dispose]())).toBe(2);
    expect(next?.length).toBe(20);
    expect(freedBy(() => fromAddress(c.fixed(), 8)[Symbol.dispose]())).toBe(0);
  });

  test('a block is ended by any view that begins where it does, and by no other', () => {
    const block = fromAddress(c.make(64), 64, { free });
    const { allocator } = block;
    refusal(() => allocator.free(block.subarray(8)), 'ERR_FREEHOLD_INVALID_FREE');
    refusal(() => allocator.free(Buffer.alloc(8)), 'ERR_FREEHOLD_INVALID_FREE');
    for (const value of [null, undefined, 5, {}])
      refusal(() => allocator.free(value as Buffer), 'ERR_FREEHOLD_INVALID_FREE');
    using heap = new Heap();
    refusal(() => heap.free(block), 'ERR_FREEHOLD_INVALID_FREE');
    refusal(() => allocator.free(heap.alloc(8)), 'ERR_FREEHOLD_INVALID_FREE');
    expect(freedBy(() => allocator.free(new DataView(block.buffer, 0, 8)))).toBe(1);
  });

  test('its allocator owns and pins it, and makes no memory', () => {
    const block = fromAddress(c.make(64), 64, { free });
    const { allocator } = block;
    expect(allocator.owns(block.subarray(8))).toBe(true);
    expect(allocator.owns(Buffer.alloc(8))).toBe(false);
    expect(allocator.stats()).toMatchObject({ kind: 'foreign', name: 'foreign' });
    for (const make of [
      () => allocator.alloc(8),
      () => allocator.allocUnsafe(8),
      () => allocator.tryAlloc(8),
      () => allocator.realloc(block, 8),
      () => allocator[Symbol.dispose](),
    ])
      refusal(make, 'ERR_FREEHOLD_UNSUPPORTED');
    block[Symbol.dispose]();
    expect(allocator.owns(block)).toBe(false);
  });

  test('a pinned block is not ended until the pin is released', () => {
    const block = fromAddress(c.make(64), 64, { free });
    const pin = block.pin();
    expect(freedBy(() => refusal(() => block[Symbol.dispose](), 'ERR_FREEHOLD_PINNED'))).toBe(0);
    borrow(block, () => {
      refusal(() => block[Symbol.dispose](), 'ERR_FREEHOLD_PINNED');
    });
    const loan = lend(block);
    pin.release();
    refusal(() => block[Symbol.dispose](), 'ERR_FREEHOLD_PINNED');
    loan[Symbol.dispose]();
    expect(block.length).toBe(64);
    expect(freedBy(() => block[Symbol.dispose]())).toBe(1);
  });

  test('the same memory can be seen by several blocks at once, each with an end of its own', () => {
    const address = c.make(64);
    const first = fromAddress(address, 64);
    const second = fromAddress(address + 8n, 8);
    const third = fromAddress(address, 64, { free });
    first[8] = 99;
    expect([second[0], third[8]]).toEqual([99, 99]);
    first[Symbol.dispose]();
    expect([first.length, second.length, third.length]).toEqual([0, 8, 64]);
    second[Symbol.dispose]();
    expect(freedBy(() => third[Symbol.dispose]())).toBe(1);
  });

  test('memory is not adopted twice, before it was freed and has come back', () => {
    const address = c.make(64);
    const block = fromAddress(address, 64, { free });
    refusal(() => fromAddress(address, 64, { free }), 'ERR_FREEHOLD_INVALID_ADDRESS');
    refusal(() => fromAddress(address, 8, { free: () => undefined }), 'ERR_FREEHOLD_INVALID_ADDRESS');
    block[Symbol.dispose]();
    for (let round = 0; round < 100; round++) {
      const next = fromAddress(c.make(64), 64, { free });
      next[Symbol.dispose]();
    }
  });

  test('is counted in memoryStats, apart from what is ours', () => {
    const before = memoryStats();
    const { adopted } = fromAddress(c.fixed(), 1).allocator.stats() as ForeignStats;
    const block = fromAddress(c.make(1000), 1000, { free });
    const view = fromAddress(c.fixed(), 64);
    const now = memoryStats();
    expect(now.foreign).toEqual({
      blocks: before.foreign.blocks + 3,
      bytes: before.foreign.bytes + 1065,
    });
    expect(now.toString()).toMatch(/of C libraries seen in \d+ blocks/);
    expect(now.totals).toEqual(before.totals);
    expect(now.chunks).toEqual(before.chunks);
    block[Symbol.dispose]();
    view[Symbol.dispose]();
    expect(memoryStats().foreign.bytes).toBe(before.foreign.bytes + 1);
    expect((block.allocator.stats() as ForeignStats).adopted).toBe(adopted);
  });

  test('refuses addresses that are none, lengths that make no sense and options that it does not know', () => {
    const at = c.fixed();
    for (const address of [0n, -1n, 1n << 64n, 5, '5', null, undefined, {}])
      refusal(() => fromAddress(address as bigint, 8), 'ERR_FREEHOLD_INVALID_ADDRESS');
    for (const length of [0, -1, 1.5, NaN, Infinity, 2 ** 53, '8', null])
      refusal(() => fromAddress(at, length as number), 'ERR_FREEHOLD_INVALID_SIZE');
    for (const options of [
      5,
      null,
      { fre: 1n },
      { owner: 5 },
      { owner: null },
      { free: 'free' },
      { free: {} },
      { name: 5 },
    ])
      refusal(() => fromAddress(at, 8, options as object), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    for (const wrong of [0n, -1n, 1n << 64n])
      refusal(() => fromAddress(at, 8, { free: wrong }), 'ERR_FREEHOLD_INVALID_ADDRESS');
  });

  test.runIf(process.platform === 'linux')(
    'refuses memory that cannot be read: from the beginning, or to the end',
    () => {
      refusal(() => fromAddress(8n, 8), 'ERR_FREEHOLD_INVALID_ADDRESS');
      refusal(() => fromAddress((1n << 64n) - 8n, 8), 'ERR_FREEHOLD_INVALID_ADDRESS');
      refusal(() => fromAddress((1n << 64n) - 8n, 9), 'ERR_FREEHOLD_INVALID_ADDRESS');
      refusal(() => fromAddress(c.fixed(), 2 ** 31), 'ERR_FREEHOLD_INVALID_ADDRESS');
      refusal(() => fromAddress(c.fixed(), 8, { free: 16n }), 'ERR_FREEHOLD_INVALID_ADDRESS');
    },
  );

  test('options are read once, before anything is done', () => {
    const block = fromAddress(c.make(8), 8, {
      get free() {
        fromAddress(c.fixed(), 8)[Symbol.dispose]();
        return free;
      },
    });
    expect(freedBy(() => block[Symbol.dispose]())).toBe(1);
  });

  test('memory that may not be ended stays as it is, and says so', () => {
    const block = fromAddress(c.make(8), 8, { free });
    markAsUntransferable(block.buffer);
    if (!marksHold()) {
      expect(freedBy(() => block[Symbol.dispose]())).toBe(1);
      return;
    }
    expect(freedBy(() => refusal(() => block[Symbol.dispose](), 'ERR_FREEHOLD_USE_AFTER_FREE'))).toBe(0);
    expect(block.length).toBe(8);
    expect(block.allocator.owns(block)).toBe(false);
  });

  test('the receivers of its methods are looked at', () => {
    const { allocator } = fromAddress(c.fixed(), 8);
    for (const receiver of [null, {}, Object.create(allocator), new Proxy(allocator, {})]) {
      refusal(() => allocator.free.call(receiver as never, Buffer.alloc(1)), 'ERR_FREEHOLD_INVALID_RECEIVER');
      refusal(() => allocator.owns.call(receiver as never, Buffer.alloc(1)), 'ERR_FREEHOLD_INVALID_RECEIVER');
      refusal(() => allocator.stats.call(receiver as never), 'ERR_FREEHOLD_INVALID_RECEIVER');
    }
  });
});

test.runIf(backing === 'v8')('where the engine takes no memory from outside, an error says so', () => {
  using heap = new Heap();
  refusal(() => fromAddress(heap.alloc(8).address, 8), 'ERR_FREEHOLD_UNSUPPORTED');
});
