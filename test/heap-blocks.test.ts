import { describe, expect, test } from 'vitest';
import { Heap } from 'freehold';
import { refusal } from './lib/codes.ts';
import { areApart, isZero } from './lib/memory.ts';

/** The size classes in words: every 16 bytes up to 128, then eight to each doubling, up to 32 KiB. */
function classes(): number[] {
  const sizes = Array.from({ length: 8 }, (_, index) => (index + 1) * 16);
  for (let base = 128; base < 32768; base *= 2)
    for (let step = 1; step <= 8; step++) sizes.push(base + (step * base) / 8);
  return sizes;
}

describe('the small blocks of a heap', () => {
  test('have the size of the least class that holds them, for every size', () => {
    using heap = new Heap();
    const sizes = classes();
    let next = 0;
    for (let size = 1; size <= 32768; size++) {
      if (size > sizes[next]) next++;
      const block = heap.allocUnsafe(size);
      if (block.length !== size || heap.usableSize(block) !== sizes[next])
        expect([size, block.length, heap.usableSize(block)]).toEqual([size, size, sizes[next]]);
      heap.free(block);
    }
    expect(sizes.length).toBe(72);
    expect(heap.stats()).toMatchObject({ blocks: 0, bytesUsed: 0, classes: 72, large: 0 });
  });

  test.each([1, 2, 8, 16, 32, 64, 256, 1024, 4096, 8192, 65536, 2 ** 21])(
    'and the large begin at multiples of %i when that is asked',
    (alignment) => {
      using heap = new Heap();
      const blocks = [0, 1, 100, 4096, 5000, 32768, 100_000].flatMap((size) => [
        heap.alloc(size, alignment),
        heap.allocUnsafe(size, { alignment }),
        heap.alloc(size, { alignment, isolate: true }),
      ]);
      for (const block of blocks) expect(block.address % BigInt(alignment)).toBe(0n);
      expect(areApart(blocks)).toBe(true);
      for (const block of blocks) heap.free(block);
      expect(heap.stats()).toMatchObject({ blocks: 0, bytesUsed: 0 });
    },
  );

  test('are zeroed by alloc, whatever was in their slot', () => {
    using heap = new Heap();
    for (const size of [1, 15, 16, 100, 128, 130, 1000, 32768, 40_000, 300_000]) {
      heap.free(heap.allocUnsafe(size).fill(0xaa));
      expect(isZero(heap.alloc(size))).toBe(true);
      heap.free(heap.allocUnsafe(size, 64).fill(0xaa));
      expect(isZero(heap.alloc(size, 64))).toBe(true);
    }
  });

  test('are freed by any view that begins where they begin, in O(1) from the view', () => {
    using heap = new Heap();
    for (const size of [64, 50_000]) {
      for (const viewOf of [
        (buffer: ArrayBuffer, offset: number) => new Uint8Array(buffer, offset, 1),
        (buffer: ArrayBuffer, offset: number) => new DataView(buffer, offset, 1),
        (buffer: ArrayBuffer, offset: number) => new Float64Array(buffer, offset, 1),
      ]) {
        const { buffer, byteOffset } = heap.alloc(size);
        refusal(() => heap.free(viewOf(buffer, byteOffset + 8)), 'ERR_FREEHOLD_INVALID_FREE');
        heap.free(viewOf(buffer, byteOffset));
      }
    }
    expect(heap.stats().blocks).toBe(0);
  });
});

describe('large and isolated blocks of a heap', () => {
  test.each<[string, number, boolean]>([
    ['large', 32769, false],
    ['isolated', 64, true],
    ['isolated, of nothing', 0, true],
  ])('%s: have an ArrayBuffer of their own, and their views die at the free', (_title, size, isolate) => {
    using heap = new Heap();
    const [block, other] = [heap.alloc(size, { isolate }), heap.alloc(size, { isolate })];
    const views = [new Uint8Array(block.buffer), new Int16Array(block.buffer)];
    expect(block.buffer === other.buffer).toBe(false);
    expect(heap.usableSize(block)).toBeGreaterThanOrEqual(Math.max(size, 1));
    expect(heap.stats().large).toBe(2);
    heap.free(block);
    expect([block.length, views[0].length, block.buffer.byteLength]).toEqual([0, 0, 0]);
    refusal(() => heap.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    refusal(() => heap.usableSize(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect([heap.owns(block), heap.owns(other)]).toEqual([false, true]);
    expect(heap.stats().large).toBe(1);
  });

  test('are all blocks of a heap made with { isolate: true }, unless one is asked for otherwise', () => {
    using heap = new Heap({ isolate: true });
    const block = heap.alloc(10);
    heap.allocUnsafe(10, { isolate: false });
    expect(heap.stats()).toMatchObject({ blocks: 2, large: 1 });
    const grown = heap.realloc(block, 20_000);
    expect([block.length, heap.stats().large]).toEqual([0, 1]);
    heap.free(grown);
    expect(grown.length).toBe(0);
  });
});

describe('realloc of a heap', () => {
  const SIZES = [0, 1, 16, 17, 100, 128, 129, 1000, 32768, 32769, 50_000, 200_000];

  test.each(SIZES)('from %i bytes to any size keeps what fits and zeroes what is added', (size) => {
    using heap = new Heap();
    for (const how of [undefined, { isolate: true }, { alignment: 8192 }]) {
      for (const to of SIZES) {
        heap.free(heap.allocUnsafe(to).fill(0xaa));
        const made = heap.realloc(heap.allocUnsafe(size, how).fill(7), to);
        const kept = Math.min(size, to);
        expect([made.length, made.subarray(0, kept).every((byte) => byte === 7)]).toEqual([to, true]);
        expect(isZero(made.subarray(kept))).toBe(true);
        heap.free(made);
      }
    }
    expect(heap.stats()).toMatchObject({ blocks: 0, bytesUsed: 0 });
  });

  test('stays in place up to usableSize, and the stale block of a slot cannot free it', () => {
    using heap = new Heap();
    for (const size of [1000, 50_000]) {
      const block = heap.alloc(size);
      const { address } = block;
      const whole = heap.realloc(block, heap.usableSize(block));
      expect([whole.address, whole.length]).toEqual([address, heap.usableSize(whole)]);
      if (size === 1000) refusal(() => heap.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
      heap.free(whole);
    }
  });

  test('that moves ends the block it came from', () => {
    using heap = new Heap();
    const small = heap.alloc(100);
    const moved = heap.realloc(small, 40_000);
    const again = heap.realloc(moved, 1_000_000);
    expect(moved.length).toBe(0);
    for (const stale of [small, moved]) refusal(() => heap.free(stale), 'ERR_FREEHOLD_DOUBLE_FREE');
    refusal(() => heap.realloc(again, 2 ** 53 - 1), 'ERR_FREEHOLD_OUT_OF_MEMORY');
    expect([again.length, heap.stats().blocks]).toEqual([1_000_000, 1]);
  });
});
