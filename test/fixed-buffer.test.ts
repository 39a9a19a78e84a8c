import { constants } from 'node:buffer';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Arena, Block, FixedBuffer, type FixedBufferOptions } from 'freehold';
import { refusal } from './lib/codes.ts';
import { areApart, isZero } from './lib/memory.ts';

const SIZE = 4096;

// What the language of the project's settings does not know yet, and Node 20 does.
type Resizable = ArrayBuffer & { resize(byteLength: number): void };
type Growable = SharedArrayBuffer & { grow(byteLength: number): void };
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): void;
}

function resizable(byteLength: number, maxByteLength: number): Resizable {
  return Reflect.construct(ArrayBuffer, [byteLength, { maxByteLength }]) as Resizable;
}

function growable(byteLength: number, maxByteLength: number): Growable {
  return Reflect.construct(SharedArrayBuffer, [byteLength, { maxByteLength }]) as Growable;
}

function wasmMemory(): WasmMemory {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Memory: new (size: { initial: number }) => WasmMemory };
  };
  return new WebAssembly.Memory({ initial: 1 });
}

/** Memory of SIZE bytes of every kind, all of them written before. */
const kinds: readonly [string, () => ArrayBufferLike | ArrayBufferView][] = [
  ['an ArrayBuffer', () => new ArrayBuffer(SIZE)],
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(SIZE)],
  ['a resizable ArrayBuffer', () => resizable(SIZE, 4 * SIZE)],
  ['a growable SharedArrayBuffer', () => growable(SIZE, 4 * SIZE)],
  ['a Uint8Array at an odd offset', () => new Uint8Array(new ArrayBuffer(SIZE + 100), 33, SIZE)],
  ['a Float64Array', () => new Float64Array(SIZE / 8)],
  ['a DataView', () => new DataView(new ArrayBuffer(SIZE + 100), 7, SIZE)],
  ['a view of shared memory', () => new Uint8Array(new SharedArrayBuffer(SIZE + 64), 24, SIZE)],
  ['a view of resizable memory', () => new Uint8Array(resizable(SIZE + 64, SIZE * 4), 3, SIZE)],
  ['a Block of an arena', () => new Arena().alloc(SIZE)],
  ['memory of WebAssembly', () => new Uint8Array(wasmMemory().buffer, 8, SIZE)],
];

/** The bytes of a whole buffer. */
function all(memory: ArrayBufferLike | ArrayBufferView): Uint8Array {
  return new Uint8Array(ArrayBuffer.isView(memory) ? memory.buffer : memory);
}

describe.each(kinds)('over %s', (_kind, make) => {
  test('blocks are zeroed, aligned by their addresses, apart, and within the memory', () => {
    const memory = make();
    const bytes = all(memory).fill(0xaa);
    const fixed = new FixedBuffer(memory);
    const blocks = [];
    for (const size of [1, 16, 0, 33, 100, 7])
      for (const alignment of [undefined, 1, 2, 8, 64, 256])
        blocks.push([fixed.alloc(size, alignment), alignment ?? 16] as const);
    for (const [block, alignment] of blocks) {
      expect([block.address % BigInt(alignment), isZero(block)]).toEqual([0n, true]);
      expect([Buffer.isBuffer(block), block instanceof Block, block.allocator, fixed.owns(block)]).toEqual([
        true,
        true,
        fixed,
        true,
      ]);
      block.fill(0xbb);
    }
    expect(areApart(blocks.map(([block]) => block))).toBe(true);
    const first = ArrayBuffer.isView(memory) ? memory.byteOffset : 0;
    expect(bytes.subarray(0, first).every((byte) => byte === 0xaa)).toBe(true);
    expect(bytes.subarray(first + SIZE).every((byte) => byte === 0xaa)).toBe(true);
  });

  test('no byte is handed out twice, and not one more than there is', () => {
    const fixed = new FixedBuffer(make());
    let handedOut = 0;
    for (let block; (block = fixed.tryAlloc(1, 1)) !== null; handedOut++) block[0] = 1;
    expect(handedOut).toBe(SIZE);
    expect(fixed.stats()).toMatchObject({ bytesUsed: SIZE, bytesReserved: SIZE, bytesPeak: SIZE });
    refusal(() => fixed.alloc(1, 1), 'ERR_FREEHOLD_OUT_OF_MEMORY');
    refusal(() => fixed.allocUnsafe(16), 'ERR_FREEHOLD_OUT_OF_MEMORY');
    fixed.reset();
    expect(fixed.alloc(SIZE, 1).length).toBe(SIZE);
  });

  test('the last block is freed and reallocated in place, zeroed where it grows', () => {
    const memory = make();
    all(memory).fill(0xaa);
    const fixed = new FixedBuffer(memory);
    const first = fixed.alloc(64).fill(1);
    let last = fixed.alloc(64).fill(2);
    const { address } = last;
    for (const size of [100, 20, 500, 20, 0, 30, 64]) {
      const kept = Math.min(last.length, size);
      last = fixed.realloc(last, size);
      if (kept > 0) expect(last.address).toBe(address);
      expect(last.subarray(0, kept).every((byte) => byte === 2)).toBe(true);
      expect(isZero(last.subarray(kept))).toBe(true);
      last.fill(2);
    }
    const { bytesUsed } = fixed.stats();
    fixed.free(last);
    expect(fixed.stats().bytesUsed).toBe(bytesUsed - 64);
    expect(fixed.alloc(64).address).toBe(last.address);
    const moved = fixed.realloc(first, 65);
    expect(moved.equals(Buffer.concat([Buffer.alloc(64, 1), Buffer.alloc(1)]))).toBe(true);
    expect(moved.allocator).toBe(fixed);
  });

  test('a block that is not the last shrinks in place', () => {
    const fixed = new FixedBuffer(make());
    const first = fixed.alloc(64).fill(1);
    const used = (fixed.alloc(64), fixed.stats().bytesUsed);
    const less = fixed.realloc(first, 10);
    expect([less.address, less.length, less[9], fixed.stats().bytesUsed]).toEqual([
      first.address,
      10,
      1,
      used,
    ]);
  });

  test('what comes back wrongly is refused with its code', () => {
    const memory = make();
    const fixed = new FixedBuffer(memory);
    const block = fixed.alloc(64);
    const other = new FixedBuffer(new ArrayBuffer(64)).alloc(8);
    for (const view of [block.subarray(8), other, Buffer.alloc(8), memory, null, 5])
      refusal(() => fixed.free(view as Buffer), 'ERR_FREEHOLD_INVALID_FREE');
    fixed.free(block);
    refusal(() => fixed.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    refusal(() => fixed.realloc(block, 8), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(fixed.owns(block)).toBe(false);
    block[Symbol.dispose]();
  });

  test('blocks of no bytes are freed without harm to their neighbours', () => {
    const fixed = new FixedBuffer(make());
    const before = fixed.alloc(0);
    const block = fixed.alloc(16).fill(1);
    const behind = fixed.alloc(0);
    const { bytesUsed } = fixed.stats();
    for (const empty of [before, behind, before]) fixed.free(empty);
    expect(fixed.stats().bytesUsed).toBe(bytesUsed);
    fixed.alloc(16).fill(2);
    expect(block.every((byte) => byte === 1)).toBe(true);
    fixed.realloc(behind, 8).fill(3);
    expect(block.every((byte) => byte === 1)).toBe(true);
  });

  test('a pin holds reset, dispose and freed bytes', () => {
    const fixed = new FixedBuffer(make());
    const block = fixed.alloc(64);
    const pin = block.pin();
    refusal(() => fixed.reset(), 'ERR_FREEHOLD_PINNED');
    refusal(() => fixed.dispose(), 'ERR_FREEHOLD_PINNED');
    fixed.free(block);
    expect(fixed.alloc(64).address).not.toBe(block.address);
    pin.release();
    fixed.reset();
    fixed.dispose();
  });

  test('dispose lets go of the memory and ends no view', () => {
    const memory = make();
    const fixed = new FixedBuffer(memory, { name: 'mine' });
    const block = fixed.alloc(64).fill(1);
    const { bytesPeak } = fixed.stats();
    fixed.dispose();
    fixed[Symbol.dispose]();
    expect([block.length, block[63], fixed.owns(block), fixed.disposed]).toEqual([64, 1, false, true]);
    for (const use of [
      () => fixed.alloc(1),
      () => fixed.alloc(0),
      () => fixed.tryAlloc(8),
      () => fixed.free(block),
      () => fixed.reset(),
    ])
      refusal(use, 'ERR_FREEHOLD_DISPOSED');
    expect(fixed.stats()).toMatchObject({
      kind: 'fixed',
      name: 'mine',
      bytesUsed: 0,
      bytesReserved: 0,
      bytesPeak,
    });
    expect(inspect(fixed)).toBe('FixedBuffer(mine) { disposed }');
    expect(new FixedBuffer(memory).alloc(SIZE, 1).length).toBe(SIZE);
  });
});

describe('memory that is gone', () => {
  const uses = (fixed: FixedBuffer, block: Block): (() => unknown)[] => [
    () => fixed.alloc(8),
    () => fixed.alloc(0),
    () => fixed.allocUnsafe(8),
    () => fixed.tryAlloc(8),
    () => fixed.tryAlloc(2 ** 40),
    () => fixed.alloc(8, 4096),
    () => fixed.realloc(block, 8),
    () => fixed.realloc(block, 800),
    () => fixed.free(block),
    () => fixed.string('text'),
    () => fixed.array(Float64Array, 1),
    () => block.address,
    () => block.pin(),
  ];

  test.each([
    ['an ArrayBuffer', () => new ArrayBuffer(SIZE)],
    ['a resizable ArrayBuffer', () => resizable(SIZE, 2 * SIZE)],
    ['a view', () => new Uint8Array(new ArrayBuffer(SIZE), 8, 1000)],
    ['a DataView', () => new DataView(resizable(SIZE, 2 * SIZE), 8)],
  ])('because %s was transferred is ERR_FREEHOLD_USE_AFTER_FREE for every use', (_kind, make) => {
    const memory = make();
    const fixed = new FixedBuffer(memory);
    const block = fixed.alloc(100);
    const buffer = ArrayBuffer.isView(memory) ? memory.buffer : memory;
    structuredClone(null, { transfer: [buffer] });
    for (const use of uses(fixed, block)) refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect([fixed.owns(block), block.length, fixed.stats().bytesReserved]).toEqual([false, 0, 0]);
    block[Symbol.dispose]();
    refusal(() => new FixedBuffer(memory), 'ERR_FREEHOLD_USE_AFTER_FREE');
    fixed.reset();
    refusal(() => fixed.alloc(1), 'ERR_FREEHOLD_USE_AFTER_FREE');
    fixed.dispose();
  });

  test('because its arena was reset, or WebAssembly grew its memory, is, too', () => {
    const arena = new Arena();
    const fixed = new FixedBuffer(arena.alloc(SIZE));
    fixed.alloc(8);
    arena.reset();
    refusal(() => fixed.alloc(8), 'ERR_FREEHOLD_USE_AFTER_FREE');
    const module = wasmMemory();
    const over = new FixedBuffer(module.buffer);
    over.alloc(8);
    module.grow(1);
    refusal(() => over.alloc(8), 'ERR_FREEHOLD_USE_AFTER_FREE');
  });

  test('because a resizable buffer shrank to before the view is, until it is back', () => {
    const buffer = resizable(SIZE, 2 * SIZE);
    const view = new Uint8Array(buffer, 1024, 1024);
    const fixed = new FixedBuffer(view);
    const block = fixed.alloc(100);
    for (const length of [0, 1000, 1024, 2047]) {
      buffer.resize(length);
      refusal(() => fixed.alloc(8), 'ERR_FREEHOLD_USE_AFTER_FREE');
      refusal(() => fixed.free(block), 'ERR_FREEHOLD_USE_AFTER_FREE');
      refusal(() => new FixedBuffer(view), 'ERR_FREEHOLD_USE_AFTER_FREE');
    }
    buffer.resize(2048);
    expect(fixed.stats()).toMatchObject({ bytesUsed: 100, bytesReserved: 1024 });
    expect(fixed.alloc(8).length).toBe(8);
  });
});

describe('memory whose length changes', () => {
  test('gives more room when it grew, and no more than is left when it shrank', () => {
    const buffer = resizable(100, SIZE);
    const fixed = new FixedBuffer(buffer);
    const block = fixed.alloc(80);
    expect(fixed.tryAlloc(80)).toBe(null);
    buffer.resize(200);
    expect([fixed.alloc(80).length, fixed.stats().bytesReserved]).toEqual([80, 200]);
    buffer.resize(170);
    expect(fixed.tryAlloc(80)).toBe(null);
    buffer.resize(90);
    const { message } = refusal(() => fixed.alloc(1), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(message).toContain('resized to 90 bytes, beneath the 160');
    expect(fixed.realloc(block, 40).length).toBe(40);
    fixed.reset();
    expect([fixed.alloc(90, 1).length, fixed.tryAlloc(1, 1)]).toEqual([90, null]);
  });

  test('and is shared gives more room when it grew', () => {
    const buffer = growable(64, SIZE);
    const fixed = new FixedBuffer(buffer);
    fixed.alloc(64);
    expect(fixed.tryAlloc(16)).toBe(null);
    buffer.grow(128);
    expect(fixed.alloc(64).length).toBe(64);
  });

  test('is that of a view that follows it, and not that of one that does not', () => {
    const buffer = resizable(100, SIZE);
    const follows = new FixedBuffer(new Uint8Array(buffer, 50));
    const stays = new FixedBuffer(new Uint8Array(buffer, 50, 50));
    buffer.resize(200);
    expect([follows.stats().bytesReserved, stays.stats().bytesReserved]).toEqual([150, 50]);
    expect([follows.tryAlloc(51, 1)?.length, stays.tryAlloc(51, 1)]).toEqual([51, null]);
  });
});

describe('several over one ArrayBuffer', () => {
  test('know their own blocks', () => {
    const buffer = new ArrayBuffer(SIZE);
    const left = new FixedBuffer(new Uint8Array(buffer, 0, 2048));
    const right = new FixedBuffer(new Uint8Array(buffer, 2048));
    const [one, two] = [left.alloc(2048).fill(1), right.alloc(100).fill(2)];
    expect([one.allocator, two.allocator]).toEqual([left, right]);
    expect([left.owns(two), right.owns(one)]).toEqual([false, false]);
    refusal(() => left.free(two), 'ERR_FREEHOLD_INVALID_FREE');
    refusal(() => right.free(one), 'ERR_FREEHOLD_INVALID_FREE');
    two[Symbol.dispose]();
    expect([left.stats().bytesUsed, right.stats().bytesUsed]).toEqual([2048, 0]);
  });

  test('inside of one another, and of an arena, free only their own', () => {
    const arena = new Arena();
    const memory = arena.alloc(1024);
    const outer = new FixedBuffer(memory);
    const region = outer.alloc(1024);
    const inner = new FixedBuffer(region);
    const block = inner.alloc(1024);
    expect([memory, region, block].map((each) => each.allocator)).toEqual([arena, outer, inner]);
    refusal(() => outer.free(memory), 'ERR_FREEHOLD_INVALID_FREE');
    refusal(() => outer.free(block), 'ERR_FREEHOLD_INVALID_FREE');
    refusal(() => inner.free(region), 'ERR_FREEHOLD_INVALID_FREE');
    {
      using ends = block;
      expect(ends.length).toBe(1024);
    }
    expect([inner, outer, arena].map((each) => each.stats().bytesUsed)).toEqual([0, 1024, 1024]);
  });

  test('over Buffers out of node’s pool keep to them', () => {
    const [one, two] = [Buffer.allocUnsafe(100).fill(1), Buffer.allocUnsafe(100).fill(2)];
    const fixed = new FixedBuffer(one);
    for (let block; (block = fixed.tryAlloc(1, 1)) !== null;) block[0] = 3;
    expect([one.every((byte) => byte === 3), two.every((byte) => byte === 2)]).toEqual([true, true]);
  });
});

describe('memory beyond 32 bits', () => {
  // What this runtime can show, or a little more than 4 GiB. Never touched, but for what is zeroed.
  const length = Math.min(constants.MAX_LENGTH, 2 ** 32 + 2 ** 20);
  const allocate = (): ArrayBuffer | null => {
    try {
      return new ArrayBuffer(length);
    } catch {
      return null; // This machine has no such memory.
    }
  };

  test('is handed out in the right places, block by block', () => {
    const memory = allocate();
    if (memory === null) return;
    const fixed = new FixedBuffer(memory);
    const sizes = [2 ** 30 - 8, 2 ** 30, 2 ** 30, 2 ** 30 - 64, 50];
    const offsets = sizes.map((size) => fixed.allocUnsafe(size).byteOffset);
    expect(offsets).toEqual([0, 2 ** 30, 2 ** 31, 3 * 2 ** 30, 2 ** 32 - 64]);
    while (fixed.stats().bytesUsed < length - 200) {
      const { bytesUsed } = fixed.stats();
      const block = fixed.alloc(100);
      expect([block.byteOffset, fixed.owns(block)]).toEqual([Math.ceil(bytesUsed / 16) * 16, true]);
    }
    expect(fixed.tryAlloc(300)).toBe(null);
    const last = fixed.alloc(1, 1);
    fixed.free(last);
    refusal(() => fixed.free(last), 'ERR_FREEHOLD_DOUBLE_FREE');
  });
});

describe('arguments', () => {
  test('that are no memory are refused', () => {
    const values = [
      null,
      undefined,
      5,
      'text',
      [],
      {},
      () => 1,
      Object.create(new Uint8Array(8)),
      new Proxy(new Uint8Array(8), {}),
    ];
    for (const value of values)
      refusal(() => new FixedBuffer(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('that are options are checked', () => {
    const make = (options: unknown): FixedBuffer =>
      new FixedBuffer(new ArrayBuffer(8), options as FixedBufferOptions);
    for (const options of [null, 5, { name: 5 }, { nam: 'x' }])
      refusal(() => make(options), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(make(undefined).name).toBe('fixed');
  });

  test('may detach the memory when they are read', () => {
    const buffer = new ArrayBuffer(64);
    const options = {
      get name() {
        structuredClone(null, { transfer: [buffer] });
        return 'late';
      },
    };
    refusal(() => new FixedBuffer(buffer, options), 'ERR_FREEHOLD_USE_AFTER_FREE');
  });

  test('whose own properties lie are seen through', () => {
    const view = new Uint8Array(new ArrayBuffer(64), 16, 16);
    for (const name of ['buffer', 'byteOffset', 'byteLength', 'length'])
      Object.defineProperty(view, name, { value: 4096 });
    const fixed = new FixedBuffer(view);
    expect([fixed.alloc(16, 1).byteOffset, fixed.tryAlloc(1, 1)]).toEqual([16, null]);
  });

  test('no bytes are memory of which nothing can be had but blocks of no bytes', () => {
    const fixed = new FixedBuffer(new ArrayBuffer(0));
    const block = fixed.alloc(0);
    fixed.free(block);
    expect([block.length, fixed.tryAlloc(1)]).toEqual([0, null]);
  });
});
