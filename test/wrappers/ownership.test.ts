import { describe, expect, test } from 'vitest';
import {
  type Allocator,
  Arena,
  type Block,
  type Wrapper,
  failing,
  fallback,
  limited,
  logging,
  tracking,
} from 'freehold';
import { refusal } from '../lib/codes.ts';
import { Plain, Recycler } from './lib/allocators.ts';

const wrappers: [string, (inner: Allocator) => Wrapper][] = [
  ['limited', (inner) => limited(inner, 1 << 20)],
  ['failing', (inner) => failing(inner)],
  ['fallback', (inner) => fallback(inner, new Arena())],
  ['tracking', (inner) => tracking(inner)],
  ['logging', (inner) => logging(inner, () => {})],
];
const pairs = wrappers.flatMap(([outerName, outer]) =>
  wrappers.map(([innerName, inner]) => [outerName, innerName, outer, inner] as const),
);

describe.each(pairs)(
  'a block that came through %s over %s',
  (_outerName, _innerName, makeOuter, makeInner) => {
    const ways: [string, (outer: Allocator, block: Block) => void][] = [
      ['free', (outer, block) => outer.free(block)],
      ['block.allocator.free', (_outer, block) => block.allocator.free(block)],
      ['Symbol.dispose', (_outer, block) => block[Symbol.dispose]()],
    ];
    test.each(ways)('goes back through both by %s', (_way, giveBack) => {
      const base = new Plain();
      const inner = makeInner(base);
      const outer = makeOuter(inner);
      const block = outer.alloc(64);
      expect(block.allocator === outer).toBe(true);
      expect([outer.owns(block), inner.owns(block), base.owns(block)]).toEqual([true, true, true]);
      giveBack(outer, block);
      expect([outer.owns(block), inner.owns(block), base.owns(block)]).toEqual([false, false, false]);
      expect(base.calls.filter((call) => call === 'free 64')).toHaveLength(1);
      for (const each of [outer, inner]) refusal(() => each.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    });

    test('goes back when it is the same object again, and names the allocator that hands it out', () => {
      const pool = new Recycler();
      const inner = makeInner(pool);
      const outer = makeOuter(inner);
      const first = outer.alloc(64);
      outer.free(first);
      expect(pool.alloc(64) === first).toBe(true);
      expect([outer.owns(first), inner.owns(first)]).toEqual([false, false]);
      expect(first.allocator instanceof Arena).toBe(true); // Its buffer's, as of any block of this pool's.
      pool.free(first);
      for (const each of [inner, outer, outer]) {
        expect(each.alloc(64) === first).toBe(true);
        expect(first.allocator === each).toBe(true);
        first[Symbol.dispose]();
        expect(pool.live.size).toBe(0);
      }
    });

    test('keeps its bytes in a realloc, after which the old block is freed and the new one is owned', () => {
      const base = new Plain();
      const outer = makeOuter(makeInner(base));
      const block = outer.copy(Buffer.from('content'));
      const moved = outer.realloc(block, 100);
      expect(moved.toString('latin1', 0, 7)).toBe('content');
      expect(moved.allocator === outer).toBe(true);
      refusal(() => outer.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
      refusal(() => outer.realloc(block, 5), 'ERR_FREEHOLD_DOUBLE_FREE');
      outer.free(moved);
      expect(base.live.size).toBe(0);
    });

    test('may be an array, or nothing at all', () => {
      const base = new Plain();
      const outer = makeOuter(makeInner(base));
      const array = outer.array(Float64Array, 4);
      const empty = outer.alloc(0);
      expect([outer.owns(array), outer.owns(empty), base.live.size]).toEqual([true, true, 2]);
      refusal(() => outer.realloc(array as never, 64), 'ERR_FREEHOLD_INVALID_FREE');
      outer.free(array);
      outer.free(empty);
      expect([outer.owns(array), outer.owns(empty), base.live.size]).toEqual([false, false, 0]);
      refusal(() => outer.free(array), 'ERR_FREEHOLD_DOUBLE_FREE');
      refusal(() => outer.free(empty), 'ERR_FREEHOLD_DOUBLE_FREE');
    });

    test('that an inner allocator keeps, because it is pinned, is as it was', () => {
      class Pinned extends Plain {
        override free(): never {
          const arena = new Arena();
          arena.pin();
          arena.reset();
          throw new Error('unreachable');
        }
      }
      const inner = makeInner(new Pinned());
      const outer = makeOuter(inner);
      const block = outer.alloc(64);
      for (let round = 0; round < 2; round++) {
        refusal(() => outer.free(block), 'ERR_FREEHOLD_PINNED');
        expect(block.allocator === outer).toBe(true);
        expect([outer.owns(block), inner.owns(block)]).toEqual([true, true]);
      }
    });
  },
);

describe.each(wrappers)('%s', (_name, wrap) => {
  test('does not take what it did not hand out', () => {
    const arena = new Arena();
    const wrapper = wrap(arena);
    const foreign = new Arena().alloc(64);
    const own = wrapper.alloc(64);
    for (const value of [
      foreign,
      Buffer.alloc(8),
      own.subarray(8),
      new Proxy(own, {}),
      5,
      null,
      undefined,
      {},
    ]) {
      refusal(() => wrapper.free(value as Block), 'ERR_FREEHOLD_INVALID_FREE');
      refusal(() => wrapper.realloc(value as Block, 8), 'ERR_FREEHOLD_INVALID_FREE');
      refusal(() => wrapper.pin(value as Block), 'ERR_FREEHOLD_INVALID_FREE');
    }
    expect(wrapper.owns(own)).toBe(true);
  });

  test('notices that its block went back another way, when the block comes in or out again', () => {
    const pool = new Recycler();
    const inner = wrap(pool);
    const outer = tracking(inner);
    const block = outer.alloc(64);
    inner.free(block);
    expect(outer.stats().blocks).toBe(1);
    refusal(() => outer.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(outer.stats().blocks).toBe(0);
    refusal(() => outer.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');

    expect(outer.alloc(64) === block).toBe(true);
    pool.free(block);
    expect(inner.alloc(64) === block).toBe(true);
    expect(outer.stats().blocks).toBe(0);
    expect(block.allocator === inner).toBe(true);
    inner.free(block);
  });

  test('leaves no trace of short-lived wrappers on the blocks of a pool', async () => {
    const pool = new Recycler();
    const block = pool.alloc(64);
    pool.free(block);
    const gone: WeakRef<object>[] = [];
    const use = (): void => {
      const wrapper = wrap(pool);
      gone.push(new WeakRef(wrapper));
      const once = wrapper.alloc(64);
      expect(once === block).toBe(true);
      if (gone.length % 2 === 0) wrapper.free(once);
      else pool.free(once); // Behind its back.
    };
    for (let count = 0; count < 10; count++) use();
    const last = wrap(pool).alloc(64);
    await new Promise(setImmediate);
    gc!();
    expect(gone.filter((each) => each.deref() !== undefined).length).toBe(0);
    expect(last === block).toBe(true);
  });

  test('says that a block ended with its arena, as the arena does', () => {
    const arena = new Arena();
    const wrapper = wrap(arena);
    const [block, other] = [wrapper.alloc(64), wrapper.alloc(64)];
    arena.reset();
    expect(wrapper.owns(block)).toBe(false);
    block[Symbol.dispose]();
    for (let round = 0; round < 2; round++) {
      refusal(() => wrapper.free(block), 'ERR_FREEHOLD_USE_AFTER_FREE');
      refusal(() => wrapper.realloc(other, 8), 'ERR_FREEHOLD_USE_AFTER_FREE');
    }
  });

  test('hands pins through, and says when there are none to be had', () => {
    const arena = new Arena();
    const wrapper = wrap(arena);
    const block = wrapper.alloc(64);
    const pin = block.pin();
    refusal(() => arena.reset(), 'ERR_FREEHOLD_PINNED');
    pin.release();
    arena.reset();
    const plain = wrap(new Plain());
    refusal(() => plain.alloc(8).pin(), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('hands out nothing after dispose, but takes back what outlives it', () => {
    const base = new Plain();
    const wrapper = wrap(base);
    const block = wrapper.alloc(64);
    const array = wrapper.array(Int32Array, 4);
    try {
      wrapper.dispose();
    } catch (error) {
      expect(error).toHaveProperty('code', 'ERR_FREEHOLD_LEAK');
    }
    wrapper.dispose();
    expect(wrapper.disposed).toBe(true);
    for (const ask of [
      () => wrapper.alloc(8),
      () => wrapper.allocUnsafe(8),
      () => wrapper.tryAlloc(8),
      () => wrapper.realloc(block, 8),
      () => wrapper.array(Uint8Array, 8),
      () => wrapper.string('text'),
    ]) {
      refusal(ask, 'ERR_FREEHOLD_DISPOSED');
    }
    block[Symbol.dispose]();
    wrapper.free(array);
    expect(base.live.size).toBe(0);
    expect(base.calls).not.toContain('dispose');
  });
});
