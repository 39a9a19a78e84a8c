import { describe, expect, test } from 'vitest';
import { Block, Pool } from 'freehold';
import { refusal } from './lib/codes.ts';
import { areApart, isZero } from './lib/memory.ts';

describe('the blocks of a pool', () => {
  test('are as long as its blocks when no length is given, and may be shorter', () => {
    using pool = new Pool({ blockBytes: 100 });
    expect([pool.alloc(), pool.alloc(100), pool.alloc(7), pool.alloc(0)].map(({ length }) => length)).toEqual(
      [100, 100, 7, 0],
    );
    expect(pool.allocUnsafe().length).toBe(100);
    expect(pool.tryAlloc()?.length).toBe(100);
    expect(pool.tryAlloc(undefined, 16)?.length).toBe(100);
  });

  test('are refused with ERR_FREEHOLD_LIMIT above that, and nothing is taken', () => {
    using pool = new Pool({ blockBytes: 100, name: 'hundreds' });
    for (const alloc of [() => pool.alloc(101), () => pool.allocUnsafe(101), () => pool.alloc(8, 32)]) {
      expect(refusal(alloc, 'ERR_FREEHOLD_LIMIT').message).toContain('"hundreds"');
    }
    expect([pool.tryAlloc(101), pool.tryAlloc(8, 32)]).toEqual([null, null]);
    expect(pool.blocks).toBe(0);
  });

  test('are the same objects again when their slots are', () => {
    using pool = new Pool({ blockBytes: 64 });
    const first = pool.alloc();
    const second = pool.alloc();
    pool.free(first);
    expect(pool.alloc()).toBe(first);
    pool.free(first);
    pool.free(second);
    expect(pool.allocUnsafe()).toBe(second);
    expect(pool.tryAlloc()).toBe(first);
  });

  test('of another length are other objects, and the earlier cannot free them', () => {
    using pool = new Pool({ blockBytes: 64 });
    const long = pool.alloc();
    pool.free(long);
    const short = pool.alloc(10);
    expect([short === long, short.address === long.address]).toEqual([false, true]);
    refusal(() => pool.free(long), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(pool.owns(short)).toBe(true);
    pool.free(short);
    expect(pool.blocks).toBe(0);
  });

  test.each([16, 40, 128, 129, 136, 1000, 5000])(
    'of %i bytes are zeroed by alloc and left as they were by allocUnsafe, and reach nobody else',
    (blockBytes) => {
      using pool = new Pool({ blockBytes });
      const blocks = Array.from({ length: 50 }, () => pool.allocUnsafe().fill(0xaa));
      for (const [index, block] of blocks.entries()) if (index % 2 === 0) pool.free(block);
      const again = Array.from({ length: 25 }, (_, index) =>
        index % 2 === 0 ? pool.alloc() : pool.allocUnsafe(),
      );
      again.forEach((block, index) => {
        expect(index % 2 === 0 ? isZero(block) : block.every((byte) => byte === 0xaa)).toBe(true);
      });
      for (const [index, block] of blocks.entries())
        if (index % 2 === 1) expect(block.every((byte) => byte === 0xaa)).toBe(true);
    },
  );

  test('are zeroed also where their length is no multiple of words, and not beyond', () => {
    using pool = new Pool({ blockBytes: 13, alignment: 1 });
    const [first, second] = [pool.alloc().fill(1), pool.alloc().fill(2)];
    pool.free(first);
    expect(isZero(pool.alloc())).toBe(true);
    expect(second.every((byte) => byte === 2)).toBe(true);
  });

  test('lie apart over many slabs', () => {
    using pool = new Pool({ blockBytes: 48, slabBytes: 4096 });
    const blocks = Array.from({ length: 1000 }, () => pool.alloc());
    expect(areApart(blocks)).toBe(true);
    expect(pool.stats().slabs).toBeGreaterThan(10);
  });

  test('name their pool, and free themselves at the end of a scope', () => {
    using pool = new Pool({ blockBytes: 64 });
    {
      using block = pool.alloc();
      expect(block.allocator).toBe(pool);
      expect(block).toBeInstanceOf(Block);
    }
    expect(pool.blocks).toBe(0);
  });

  test.each([1, 2, 4, 8, 16, 64, 4096, 65536, 2 ** 21])('begin at multiples of %i', (alignment) => {
    using pool = new Pool({ blockBytes: 24, alignment });
    for (let count = 0; count < 20; count++)
      expect(pool.alloc(24, alignment).address % BigInt(alignment)).toBe(0n);
    const padded = Math.ceil(24 / alignment) * alignment;
    expect(pool.stats().bytesUsed).toBe(20 * padded);
  });
});

describe('free', () => {
  test('takes any kind of view that begins where the block begins', () => {
    using pool = new Pool({ blockBytes: 64 });
    const views = [
      ({ buffer, byteOffset }: Block) => new Uint8Array(buffer, byteOffset, 0),
      ({ buffer, byteOffset }: Block) => new DataView(buffer, byteOffset, 64),
      ({ buffer, byteOffset }: Block) => new Float64Array(buffer, byteOffset, 1),
      (block: Block) => block.subarray(0, 8),
    ];
    for (const view of views) {
      const block = pool.alloc();
      pool.free(view(block));
      refusal(() => pool.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    }
    expect(pool.blocks).toBe(0);
  });

  test('of a block of another pool, or one behind the last slot, throws ERR_FREEHOLD_INVALID_FREE', () => {
    using pool = new Pool({ blockBytes: 5000, maxBlocks: 3, growable: false });
    using other = new Pool({ blockBytes: 5000 });
    const block = pool.alloc();
    refusal(() => pool.free(other.alloc()), 'ERR_FREEHOLD_INVALID_FREE');
    for (let offset = 1; offset <= block.buffer.byteLength; offset += 499) {
      if (offset % 5008 === 0) continue;
      refusal(() => pool.free(new Uint8Array(block.buffer, offset, 0)), 'ERR_FREEHOLD_INVALID_FREE');
    }
    expect(pool.owns(block)).toBe(true);
  });
});

describe('realloc', () => {
  test('changes the length in place, keeps what fits and zeroes what is added', () => {
    using pool = new Pool({ blockBytes: 64 });
    const block = pool.allocUnsafe().fill(7);
    const shorter = pool.realloc(block, 10);
    const longer = pool.realloc(shorter, 64);
    expect(longer.address).toBe(block.address);
    expect([...longer]).toEqual([...new Array<number>(10).fill(7), ...new Array<number>(54).fill(0)]);
    refusal(() => pool.realloc(longer, 65), 'ERR_FREEHOLD_LIMIT');
    for (const stale of [block, shorter]) refusal(() => pool.free(stale), 'ERR_FREEHOLD_DOUBLE_FREE');
    pool.free(longer);
  });

  test('takes every kind of view that free takes', () => {
    using pool = new Pool({ blockBytes: 64 });
    for (const viewOf of [
      ({ buffer, byteOffset }: Block) => new DataView(buffer, byteOffset, 2),
      ({ buffer, byteOffset }: Block) => new Float64Array(buffer, byteOffset, 2),
      ({ buffer, byteOffset }: Block) => new Uint8Array(buffer, byteOffset, 2),
    ]) {
      const view = viewOf(pool.allocUnsafe().fill(7));
      const kept = view.byteLength;
      const made = Reflect.apply(pool.realloc, pool, [view, 20]);
      expect([...made.subarray(0, kept + 1)]).toEqual([...new Array<number>(kept).fill(7), 0]);
    }
  });
});

describe('typed arrays of a pool', () => {
  test('have as many elements as fit, or as many as are asked for', () => {
    using pool = new Pool({ blockBytes: 100 });
    const all = pool.array(Float64Array);
    const three = pool.array(Int16Array, 3);
    expect([all.length, three.length, pool.array(Uint8Array, 0).length]).toEqual([12, 3, 0]);
    expect(all.every((element) => element === 0)).toBe(true);
    refusal(() => pool.array(Float64Array, 13), 'ERR_FREEHOLD_LIMIT');
    pool.free(all);
    pool.free(three);
    refusal(() => pool.free(all), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(pool.blocks).toBe(1);
  });

  test('whose elements need a larger alignment than the pool has are refused, and no block is lost', () => {
    using pool = new Pool({ blockBytes: 12, alignment: 4 });
    for (let count = 0; count < 3; count++) pool.array(Float32Array);
    refusal(() => pool.array(Float64Array), 'ERR_FREEHOLD_LIMIT');
    refusal(() => pool.array(Float64Array, 1), 'ERR_FREEHOLD_LIMIT');
    expect(pool.blocks).toBe(3);
  });
});
