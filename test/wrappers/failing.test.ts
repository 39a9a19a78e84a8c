import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Arena, FailingAllocator, type FailingOptions, failing } from 'freehold';
import { refusal } from '../lib/codes.ts';
import { Plain } from './lib/allocators.ts';

/** Which of the first `count` requests of `size` bytes fail. */
function failures(options: FailingOptions, count: number, size = 8): number[] {
  const allocator = failing(new Plain(), options);
  return [...Array(count).keys()].filter(() => allocator.tryAlloc(size) === null);
}

describe('a failing allocator', () => {
  test('lets exactly the requests fail that it was told to', () => {
    expect(failures({}, 10)).toEqual([]);
    expect(failures({ failAt: 0 }, 10)).toEqual([0]);
    expect(failures({ failAt: 7 }, 10)).toEqual([7]);
    expect(failures({ failAt: 10 }, 10)).toEqual([]);
    expect(failures({ every: 3 }, 10)).toEqual([2, 5, 8]);
    expect(failures({ every: 1 }, 3)).toEqual([0, 1, 2]);
    expect(failures({ above: 8 }, 3)).toEqual([]);
    expect(failures({ above: 7 }, 3)).toEqual([0, 1, 2]);
    expect(failures({ above: 0 }, 3, 0)).toEqual([]);
    expect(failures({ every: 4, failAt: 1 }, 10)).toEqual([1, 3, 7]);
    expect(failures({ every: 4, once: true }, 10)).toEqual([3]);
    expect(failures({ above: 7, failAt: 2, once: true }, 10)).toEqual([0]);
  });

  test('counts every kind of request, but none that makes no sense', () => {
    const base = new Plain();
    const allocator = failing(base, { failAt: 6 });
    const block = allocator.alloc(8);
    allocator.allocUnsafe(8);
    allocator.tryAlloc(8);
    allocator.array(Int8Array, 8);
    refusal(() => allocator.alloc(-1), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => allocator.tryAlloc(8, 3), 'ERR_FREEHOLD_INVALID_ALIGNMENT');
    const moved = allocator.realloc(block, 16);
    allocator.realloc(moved, 4);
    const before = base.calls.length;
    refusal(() => allocator.string('text'), 'ERR_FREEHOLD_OUT_OF_MEMORY');
    expect([allocator.requests, base.calls.length]).toEqual([7, before]);
  });

  test('leaves the block of a failing realloc as it was', () => {
    const allocator = failing(new Arena(), { failAt: 1 });
    const block = allocator.copy(Buffer.from('content'));
    refusal(() => allocator.realloc(block, 100), 'ERR_FREEHOLD_OUT_OF_MEMORY');
    expect([block.toString(), allocator.owns(block), block.allocator === allocator]).toEqual([
      'content',
      true,
      true,
    ]);
    expect(allocator.realloc(block, 100)).toHaveLength(100);
  });

  test('says that the failure was induced, which request it was and where it came from', () => {
    const allocator = failing(new Arena(), { every: 2 });
    allocator.alloc(8);
    const error = refusal(function culprit() {
      allocator.allocUnsafe(64);
    }, 'ERR_FREEHOLD_OUT_OF_MEMORY');
    expect(error.message).toBe(
      '"failing(arena)" lets request 1 fail (allocUnsafe of 64 bytes): an induced failure, there may be memory',
    );
    expect(error.stack).toMatch(/culprit/);
    allocator.alloc(8);
    expect(allocator.tryAlloc(9)).toBe(null);
    expect(allocator.induced).toMatchObject([
      { request: 1, operation: 'allocUnsafe', byteLength: 64, error },
      { request: 3, operation: 'tryAlloc', byteLength: 9 },
    ]);
  });

  test('counts from 0 again after reset', () => {
    const allocator = failing(new Arena(), { failAt: 0, once: true });
    for (let round = 0; round < 2; round++) {
      expect(allocator.tryAlloc(8)).toBe(null);
      expect(allocator.tryAlloc(8)).not.toBe(null);
      expect(allocator.stats()).toMatchObject({ kind: 'failing', requests: 2, failures: 1 });
      allocator.reset();
    }
    expect([allocator.requests, allocator.induced]).toEqual([0, []]);
  });

  test('keeps so many stacks and no more', () => {
    const allocator = failing(new Plain(), { every: 1 });
    for (let count = 0; count < 1010; count++) allocator.tryAlloc(8);
    expect([allocator.induced.length, allocator.stats().failures]).toEqual([1000, 1010]);
  });

  test('refuses options that make no sense, and other receivers', () => {
    const options: [unknown, 'ERR_FREEHOLD_INVALID_ARGUMENT' | 'ERR_FREEHOLD_INVALID_SIZE'][] = [
      [{ failAt: -1 }, 'ERR_FREEHOLD_INVALID_SIZE'],
      [{ every: 0.5 }, 'ERR_FREEHOLD_INVALID_SIZE'],
      [{ every: 0 }, 'ERR_FREEHOLD_INVALID_ARGUMENT'],
      [{ above: '5' }, 'ERR_FREEHOLD_INVALID_SIZE'],
      [{ once: 1 }, 'ERR_FREEHOLD_INVALID_ARGUMENT'],
      [{ failat: 1 }, 'ERR_FREEHOLD_INVALID_ARGUMENT'],
    ];
    for (const [each, code] of options) refusal(() => failing(new Arena(), each as FailingOptions), code);
    refusal(() => FailingAllocator.prototype.reset.call({} as never), 'ERR_FREEHOLD_INVALID_RECEIVER');
    expect(inspect(failing(new Arena()))).toBe('FailingAllocator(failing(arena)) { 0 of 0 requests failed }');
  });
});
