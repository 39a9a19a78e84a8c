import { AutomaticAllocator, type Rc, RcHeap, auto, defaultRcHeap, keep } from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

describe('auto', () => {
  test('releases what was allocated inside, whatever ends it', () => {
    using heap = new RcHeap();
    const body = (memory: AutomaticAllocator): number => {
      memory.alloc(100);
      memory.array(Float64Array, 10);
      memory.string('text');
      return heap.stats().blocks;
    };
    expect(auto(body, { heap })).toBe(3);
    expect(heap.stats().blocks).toBe(0);
    const failing = (memory: AutomaticAllocator): void => {
      body(memory);
      throw new Error('on purpose');
    };
    expect(() => {
      auto(failing, { heap });
    }).toThrow('on purpose');
    expect(heap.stats().blocks).toBe(0);
  });

  test('keeps what it returns, alone or in an array', () => {
    using heap = new RcHeap();
    const one = auto((memory) => (memory.alloc(10), memory.alloc(20)), { heap });
    expect([one.length, heap.stats().blocks]).toEqual([20, 1]);
    const two = auto((memory) => [memory.alloc(1), 5, memory.alloc(2), memory.alloc(3)].slice(1), { heap });
    expect(heap.stats().blocks).toBe(3);
    one.release();
    for (const rc of two) if (typeof rc !== 'number') rc.release();
    expect(heap.stats().blocks).toBe(0);
  });

  test('keeps what was kept, and what a block that lives on refers to', () => {
    using heap = new RcHeap();
    const outside = heap.alloc(16, { refs: 1 });
    const kept: Rc[] = [];
    auto(
      (memory) => {
        memory.alloc(1);
        kept.push(keep(memory.alloc(2)));
        outside.setRef(0, memory.alloc(3));
      },
      { heap },
    );
    expect(heap.stats().blocks).toBe(3);
    expect(outside.getRef(0)?.length).toBe(3);
    expect(refusal(() => keep(kept[0]), 'ERR_FREEHOLD_INVALID_ARGUMENT').message).toContain('auto()');
    kept[0].release();
  });

  test('inside of another hands what it keeps to that one', () => {
    using heap = new RcHeap();
    auto(
      () => {
        const inner = auto((memory) => (memory.alloc(1), keep(memory.alloc(2)), memory.alloc(3)), { heap });
        expect(inner.length).toBe(3);
        expect(heap.stats().blocks).toBe(2);
      },
      { heap },
    );
    expect(heap.stats().blocks).toBe(0);
  });

  test('goes on until a promise is settled, each with its own blocks', async () => {
    using heap = new RcHeap();
    const run = (bytes: number, fails: boolean): Promise<Rc> =>
      auto(
        async (memory) => {
          memory.alloc(bytes);
          await Promise.resolve();
          const result = memory.alloc(bytes);
          await Promise.resolve();
          if (fails) throw new Error('on purpose');
          return result;
        },
        { heap },
      );
    const [first, second, third] = await Promise.allSettled([run(10, false), run(20, true), run(30, false)]);
    expect([first.status, second.status, third.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(heap.stats().blocks).toBe(2);
    for (const each of [first, third]) if (each.status === 'fulfilled') each.value.release();
    expect(heap.stats().blocks).toBe(0);
  });

  test('takes from the heap of this thread when none is given', () => {
    const before = defaultRcHeap().stats().blocks;
    auto((memory) => {
      memory.alloc(1);
      expect(defaultRcHeap().stats().blocks).toBe(before + 1);
    });
    expect(defaultRcHeap().stats().blocks).toBe(before);
  });

  test('refuses what is no function, no heap and no option', () => {
    refusal(() => auto(1 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => auto(() => 1, { heap: {} as never }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => auto(() => 1, { haep: 1 } as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => keep(Buffer.alloc(1) as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => new AutomaticAllocator({} as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});

describe('a scope', () => {
  test('leaves blocks alone that were released before, and releases once what was retained', () => {
    using heap = new RcHeap();
    const memory = new AutomaticAllocator(heap);
    memory.alloc(10).release();
    memory.free(memory.alloc(20));
    const retained = memory.alloc(30).retain();
    memory.dispose();
    expect(heap.stats().blocks).toBe(1);
    retained.release();
    expect(heap.stats().blocks).toBe(0);
    memory.dispose();
    refusal(() => memory.alloc(1), 'ERR_FREEHOLD_DISPOSED');
  });

  test('releases everything also when callbacks throw', () => {
    using heap = new RcHeap();
    const memory = new AutomaticAllocator(heap);
    const onDispose = (): void => {
      throw new Error('on purpose');
    };
    for (let made = 0; made < 3; made++) memory.alloc(10, { onDispose });
    expect(() => {
      memory.dispose();
    }).toThrow(AggregateError);
    expect(heap.stats().blocks).toBe(0);
  });
});
