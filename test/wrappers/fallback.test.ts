import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Allocator, Arena, type Block, failing, fallback, limited } from 'freehold';
import { refusal } from '../lib/codes.ts';
import { Plain, Recycler } from './lib/allocators.ts';

function plain(largest: number): Plain {
  return Object.assign(new Plain(), { largest });
}

describe('a fallback', () => {
  const ways: [string, (allocator: Allocator, size: number) => Block | null][] = [
    ['alloc', (allocator, size) => allocator.alloc(size)],
    ['allocUnsafe', (allocator, size) => allocator.allocUnsafe(size)],
    ['tryAlloc', (allocator, size) => allocator.tryAlloc(size)],
  ];

  test.each(ways)('asks the second when the first refuses, by %s', (_way, ask) => {
    const [first, second] = [plain(100_000), plain(200_000)];
    const either = fallback(first, second);
    for (const size of [0, 10, 100_000]) expect(first.owns(ask(either, size)!)).toBe(true);
    expect(second.calls).toEqual([]);
    const large = ask(either, 100_001)!;
    expect([first.owns(large), second.owns(large), either.owns(large)]).toEqual([false, true, true]);
    either.free(large);
    expect([first.live.size, second.live.size]).toEqual([3, 0]);
  });

  test.each(ways.slice(0, 2))('says what both said when both refuse, by %s', (_way, ask) => {
    const either = fallback(plain(10), limited(new Arena(), 20));
    for (const size of [30, 100_000]) {
      const error = refusal(() => ask(either, size), 'ERR_FREEHOLD_LIMIT');
      expect(error.message).toMatch(
        `neither "plain" nor "limited(arena)" has ${size} bytes`.replace('plain', 'allocator'),
      );
      const { errors } = error.cause as AggregateError;
      expect(errors).toHaveLength(2);
      expect(errors[1].message).toMatch(`${size} bytes asked of "limited(arena)"`);
    }
    expect(either.tryAlloc(30)).toBe(null);
  });

  test('throws what is no refusal as it is', () => {
    const first = new Arena();
    const either = fallback(first, new Arena());
    first.dispose();
    for (const [, ask] of ways) refusal(() => ask(either, 8), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => either.allocUnsafe(100_000), 'ERR_FREEHOLD_DISPOSED');
    const broken = new Error('broken');
    const second = new Plain();
    second.alloc = () => {
      throw broken;
    };
    expect(() => fallback(plain(1), second).alloc(8)).toThrow(broken);
  });

  test('reallocates in the allocator that has the block, as long as that can', () => {
    const [first, second] = [plain(100), plain(1000)];
    const either = fallback(first, second);
    const block = either.realloc(either.copy(Buffer.from('content')), 100);
    expect([first.owns(block), second.calls]).toEqual([true, []]);
    let large = either.alloc(500);
    large = either.realloc(large, 50);
    expect(second.owns(large)).toBe(true);
  });

  test.each([false, true])(
    'moves a block that its allocator cannot reallocate (from the second: %s)',
    (back) => {
      const allocators = [plain(100), plain(1000)];
      const [small, large] = allocators;
      const either = back ? fallback(small, large) : fallback(large, small);
      // A block of the one that will refuse.
      small.largest = back ? 0 : 100;
      large.largest = back ? 1000 : 0;
      const block = either.copy(Buffer.from('content'));
      const [from, to] = back ? [large, small] : [small, large];
      expect(from.owns(block)).toBe(true);
      from.largest = 8;
      to.largest = 1000;
      const moved = either.realloc(block, 50);
      expect([moved.toString('latin1', 0, 7), moved.length]).toEqual(['content', 50]);
      expect(moved.subarray(7).every((byte) => byte === 0)).toBe(true);
      expect([from.live.size, to.owns(moved), either.owns(moved)]).toEqual([0, true, true]);
      refusal(() => either.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
      either.free(moved);
      expect(to.live.size).toBe(0);
    },
  );

  test('leaves all as it was when a move fails', () => {
    const arena = new Arena({ limitBytes: 64 });
    const second = plain(1000);
    const either = fallback(arena, second);
    const block = either.copy(Buffer.from('content'));
    second.largest = 10;
    const error = refusal(() => either.realloc(block, 500), 'ERR_FREEHOLD_LIMIT');
    expect((error.cause as AggregateError).errors).toHaveLength(2);
    expect([block.toString(), either.owns(block), block.allocator === either]).toEqual([
      'content',
      true,
      true,
    ]);
    second.largest = 1000;
    const kept = Object.assign(plain(16), {
      free: () => {
        throw new Error('kept');
      },
    });
    const stubborn = fallback(kept, second);
    const other = stubborn.alloc(16);
    expect(() => stubborn.realloc(other, 500)).toThrow('kept');
    expect([stubborn.owns(other), second.live.size]).toEqual([true, 0]);
    either.free(either.realloc(block, 500));
    expect(second.live.size).toBe(0);
  });

  test('frees what either owns although it did not come through the fallback', () => {
    const [first, second] = [new Recycler(), new Plain()];
    const either = fallback(first, second);
    for (const each of [first, second]) {
      const block = each.alloc(64);
      either.free(block);
      expect(each.live.size).toBe(0);
      refusal(() => either.free(block), 'ERR_FREEHOLD_INVALID_FREE');
    }
  });

  test('asks each allocator once for each request', () => {
    const [first, second] = [failing(new Plain(), { failAt: 0 }), failing(new Plain(), { failAt: 0 })];
    const either = fallback(first, second);
    refusal(() => either.alloc(8), 'ERR_FREEHOLD_OUT_OF_MEMORY');
    expect([first.requests, second.requests]).toEqual([1, 1]);
  });

  test('adds up the figures of both', () => {
    using first = new Arena({ name: 'scratch' });
    using second = new Arena();
    const either = fallback(first, second);
    first.alloc(100);
    second.alloc(50);
    expect(either.stats()).toMatchObject({
      kind: 'fallback',
      name: 'fallback(scratch, arena)',
      bytesUsed: first.used + second.used,
      first: first.stats(),
      second: second.stats(),
    });
    expect(inspect(either)).toBe('FallbackAllocator(fallback(scratch, arena)) { scratch, then arena }');
  });

  test('that owns both allocators ends both', () => {
    const [first, second] = [new Arena(), new Arena()];
    fallback(first, second, { disposeInner: true }).dispose();
    expect([first.disposed, second.disposed]).toEqual([true, true]);
    const same = new Plain();
    fallback(same, same, { disposeInner: true }).dispose();
    expect(same.calls).toEqual(['dispose']);
  });
});
