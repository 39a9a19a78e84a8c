import { describe, expect, test } from 'vitest';
import { allocate, allocateAligned, defaultHeap, free, reallocate, sizeOf } from 'freehold';
import { refusal } from './lib/codes.ts';
import { isZero } from './lib/memory.ts';

describe('the manual functions', () => {
  test('are those of the default heap', () => {
    const block = allocate(80);
    expect([block.length, isZero(block), block.allocator]).toEqual([80, true, defaultHeap()]);
    const grown = reallocate(block.fill(7), 4000);
    expect([grown.length, grown[79], grown[80]]).toEqual([4000, 7, 0]);
    free(grown);
    refusal(() => free(grown), 'ERR_FREEHOLD_DOUBLE_FREE');
    const aligned = allocateAligned(10, 4096);
    expect(aligned.address % 4096n).toBe(0n);
    free(aligned);
    refusal(() => allocateAligned(10, undefined as never), 'ERR_FREEHOLD_INVALID_ALIGNMENT');
    expect(defaultHeap().stats().blocks).toBe(0);
  });

  test('have a new heap when a program disposes the default', () => {
    const before = defaultHeap();
    const block = allocate(80);
    before.dispose();
    expect(defaultHeap() === before).toBe(false);
    refusal(() => free(block), 'ERR_FREEHOLD_INVALID_FREE');
    free(allocate(80));
  });

  test('know the sizes of scalars and of typed array elements', () => {
    expect([sizeOf('bool'), sizeOf('uint16'), sizeOf('float32'), sizeOf('pointer')]).toEqual([1, 2, 4, 8]);
    expect([sizeOf(Int8Array), sizeOf(BigInt64Array)]).toEqual([1, 8]);
    const liar = Object.assign(() => 0, { BYTES_PER_ELEMENT: -5 });
    for (const none of ['int', 'toString', '', 8, null, undefined, Array, liar, class extends Uint8Array {}])
      refusal(() => sizeOf(none as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});
