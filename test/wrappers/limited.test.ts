import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, Block, LimitedAllocator, limited } from 'freehold';
import { refusal } from '../lib/codes.ts';
import { Plain, Recycler } from './lib/allocators.ts';

describe('a limited allocator', () => {
  test('counts the bytes that were asked for, and not padding', () => {
    using arena = new Arena();
    const budget = limited(arena, 100);
    const blocks = [budget.alloc(1), budget.allocUnsafe(33, 4096), budget.tryAlloc(66)!, budget.alloc(0)];
    expect([budget.used, budget.remaining]).toEqual([100, 0]);
    expect(budget.stats()).toMatchObject({ bytesUsed: 100, bytesPeak: 100, bytesLimit: 100, blocks: 4 });
    for (const block of blocks) budget.free(block);
    expect(budget.stats()).toMatchObject({ bytesUsed: 0, bytesPeak: 100, blocks: 0 });
  });

  test('refuses one byte too many, before the inner allocator hears of it, and says the figures', () => {
    const base = new Plain();
    const budget = limited(base, 100, { name: 'tenant' });
    budget.alloc(60);
    const { message } = refusal(() => budget.alloc(41), 'ERR_FREEHOLD_LIMIT');
    expect(message).toMatch(/^41 bytes asked of "tenant", which may hand out 100 and has handed out 60;/);
    refusal(() => budget.allocUnsafe(41), 'ERR_FREEHOLD_LIMIT');
    expect(budget.tryAlloc(41)).toBe(null);
    expect(base.calls).toEqual(['alloc 60']);
    expect(budget.alloc(40)).toHaveLength(40);
    expect(budget.alloc(0)).toHaveLength(0);
  });

  test('counts the difference of a realloc, and nothing when it fails', () => {
    const base = new Plain();
    const budget = limited(base, 100);
    let block = budget.alloc(60);
    block = budget.realloc(block, 100);
    expect(budget.used).toBe(100);
    refusal(() => budget.realloc(block, 101), 'ERR_FREEHOLD_LIMIT');
    block = budget.realloc(block, 10);
    expect(budget.used).toBe(10);
    base.largest = 50;
    refusal(() => budget.realloc(block, 60), 'ERR_FREEHOLD_LIMIT'); // Of the inner one.
    expect([budget.used, budget.remaining]).toEqual([10, 90]);
    budget.free(block);
    expect(budget.stats()).toMatchObject({ bytesUsed: 0, bytesPeak: 100 });
  });

  test('takes nothing for what the inner allocator refuses', () => {
    const base = new Plain();
    base.largest = 50;
    const budget = limited(base, 100);
    for (const ask of [
      () => budget.alloc(60),
      () => budget.allocUnsafe(60),
      () => budget.array(Int8Array, 60),
    ]) {
      refusal(ask, 'ERR_FREEHOLD_LIMIT');
    }
    expect(budget.tryAlloc(60)).toBe(null);
    expect(budget.used).toBe(0);
  });

  test('shares its budget among its children', () => {
    const parent = limited(new Arena(), 100);
    const [first, second] = [limited(parent, 80), limited(parent, 80)];
    using block = first.alloc(70);
    refusal(() => second.alloc(31), 'ERR_FREEHOLD_LIMIT');
    expect([first.used, second.used, parent.used]).toEqual([70, 0, 70]);
    second.alloc(30);
    block[Symbol.dispose]();
    expect([first.used, second.used, parent.used]).toEqual([0, 30, 30]);
  });

  test('can be given another limit, which ends no block', () => {
    const budget = limited(new Arena(), 100);
    const block = budget.alloc(80);
    budget.limit = 50;
    expect([budget.limit, budget.remaining]).toEqual([50, 0]);
    refusal(() => budget.alloc(1), 'ERR_FREEHOLD_LIMIT');
    expect(budget.alloc(0)).toHaveLength(0);
    expect(budget.realloc(block, 60)).toHaveLength(60); // Still over it, but less.
    budget.limit = Infinity;
    budget.alloc(1000);
    expect(budget.remaining).toBe(Infinity);
    for (const limit of [-1, 0.5, NaN, '5']) {
      refusal(() => (budget.limit = limit as number), 'ERR_FREEHOLD_INVALID_SIZE');
      refusal(() => limited(new Arena(), limit as number), 'ERR_FREEHOLD_INVALID_SIZE');
    }
  });

  test('does not count for ever what ended with its memory', () => {
    using arena = new Arena({ initialBytes: 4096, maxChunkBytes: 65_536 });
    const budget = limited(arena, 100_000);
    for (let round = 0; round < 5; round++) {
      for (let count = 0; count < 10; count++) budget.alloc(10_000);
      expect(budget.tryAlloc(1)).toBe(null);
      expect(budget.used).toBe(100_000);
      arena.reset();
    }
    expect(budget.tryAlloc(100_000)).not.toBe(null); // The limit itself looks.
    arena.reset();
    expect([budget.used, budget.remaining, budget.stats().blocks]).toEqual([0, 100_000, 0]);
  });

  test('gives back what a rewind ended, and keeps what was there before', () => {
    using arena = new Arena();
    const budget = limited(arena, 1000);
    const before = budget.alloc(300);
    const mark = arena.mark();
    const after = budget.alloc(600);
    arena.rewind(mark);
    expect([budget.used, before.length, after.length]).toEqual([300, 300, 0]);
    refusal(() => budget.free(after), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(budget.used).toBe(300);
    budget.free(before);
    expect(budget.used).toBe(0);
  });

  test('does not hold memory that was left to the collector, and gives its bytes back when that is gone', async () => {
    using arena = new Arena({ reset: 'orphan' });
    const budget = limited(arena, 1000);
    let buffer: WeakRef<object>;
    (() => {
      buffer = new WeakRef(budget.alloc(1000).buffer);
    })();
    arena.reset();
    for (let turn = 0; turn < 20 && buffer!.deref() !== undefined; turn++) {
      await new Promise(setImmediate);
      gc!();
    }
    await new Promise(setImmediate);
    expect(buffer!.deref()).toBe(undefined);
    expect(budget.used).toBe(0);
  });

  test('takes back at once what an inner allocator gives out anew', () => {
    const pool = new Recycler();
    const budget = limited(pool, 64);
    const block = budget.alloc(64);
    pool.free(block); // Behind its back: nobody told.
    expect(budget.tryAlloc(64)).toBe(null);
    budget.limit = 128;
    expect(budget.alloc(64) === block).toBe(true);
    expect(budget.used).toBe(64);
  });

  test('gives a request made while it is at work no more than is left', () => {
    const base = new Plain();
    const seen: (Block | null)[] = [];
    const budget: LimitedAllocator = limited(
      Object.assign(Object.create(base) as Plain, {
        alloc: (size: number) => {
          seen.push(budget.tryAlloc(50));
          return base.alloc(size);
        },
        tryAlloc: (size: number) => base.tryAlloc(size),
      }),
      100,
    );
    budget.alloc(60);
    budget.alloc(10);
    expect(seen.map((block) => block?.length ?? null)).toEqual([null, null]);
    expect(budget.used).toBe(70);
  });

  test('adds up over any program of allocations, frees, reallocations and resets', () => {
    const operation = fc.record({
      kind: fc.constantFrom('alloc', 'tryAlloc', 'free', 'realloc', 'reset', 'array'),
      size: fc.nat({ max: 400 }),
      index: fc.nat({ max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (program) => {
        using arena = new Arena();
        const budget = limited(limited(arena, 1500), 1000);
        let live: { view: ArrayBufferView; size: number }[] = [];
        const used = (): number => live.reduce((sum, { size }) => sum + size, 0);
        for (const { kind, size, index } of program) {
          const fits = used() + size <= 1000;
          const chosen = live[index % (live.length || 1)];
          if (kind === 'reset') {
            arena.reset();
            live = [];
          } else if (kind === 'free' && chosen !== undefined) {
            budget.free(chosen.view);
            live = live.filter((each) => each !== chosen);
          } else if (kind === 'realloc' && chosen?.view instanceof Block) {
            const { view } = chosen;
            if (used() - chosen.size + size > 1000) {
              refusal(() => budget.realloc(view, size), 'ERR_FREEHOLD_LIMIT');
            } else {
              chosen.view = budget.realloc(view, size);
              chosen.size = size;
            }
          } else if (kind === 'tryAlloc') {
            const view = budget.tryAlloc(size);
            expect(view === null).toBe(!fits);
            if (view !== null) live.push({ view, size });
          } else if (kind === 'alloc' || kind === 'array') {
            const ask = (): ArrayBufferView =>
              kind === 'array' ? budget.array(Uint8Array, size) : budget.alloc(size);
            if (fits) live.push({ view: ask(), size });
            else refusal(ask, 'ERR_FREEHOLD_LIMIT');
          }
          expect(budget.used).toBe(used());
        }
      }),
      { numRuns: 300 },
    );
  });

  test('shows itself, and refuses other receivers', () => {
    using arena = new Arena({ name: 'request' });
    const budget = limited(arena, 1000);
    budget.alloc(10);
    expect(budget.name).toBe('limited(request)');
    expect(inspect(budget)).toBe('LimitedAllocator(limited(request)) { 10 of 1000 bytes }');
    expect(JSON.parse(JSON.stringify(budget))).toEqual(JSON.parse(JSON.stringify(budget.stats())));
    expect(budget.stats()).toMatchObject({ kind: 'limited', inner: arena.stats() });
    for (const name of ['limit', 'used', 'remaining'] as const) {
      const get = Object.getOwnPropertyDescriptor(LimitedAllocator.prototype, name)!.get!;
      refusal(() => get.call({}), 'ERR_FREEHOLD_INVALID_RECEIVER');
    }
  });
});
