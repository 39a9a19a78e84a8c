import { describe, expect, test } from 'vitest';
import { Arena, type ArenaMark, type Block, memoryStats, trimChunkCache } from 'freehold';
import { collectUntil } from './lib/collect.ts';
import { backing } from './lib/memory.ts';

// Everything that must become unreachable is made in functions of its own: a frame that goes on may keep it.

describe('an arena that is dropped', () => {
  test('is freed by the collector', async () => {
    await collectUntil(() => memoryStats().arenas.count === 0);
    const { count } = memoryStats().arenas;
    (() => {
      for (let index = 0; index < 20; index++) new Arena().alloc(100_000);
    })();
    expect(memoryStats().arenas.count).toBe(count + 20);
    await collectUntil(() => memoryStats().arenas.count <= count);
    expect(memoryStats().arenas.count).toBe(count);
  });

  test('stays while a view of its memory is left', async () => {
    const [block, arena] = (() => {
      const dropped = new Arena();
      return [dropped.alloc(16).fill(7), new WeakRef(dropped)];
    })();
    await collectUntil(() => arena.deref() === undefined);
    expect(arena.deref()).toBe(block.allocator);
    expect([...block]).toEqual(new Array(16).fill(7));
  });

  test('stays while any view of the kinds that are no block is left', async () => {
    const views = (() => {
      const arena = new Arena();
      return [arena.array(Int32Array, 4).fill(7), new Arena().alloc(64).fill(7).subarray(4)];
    })();
    await collectUntil(() => false);
    for (const view of views) expect([...view].every((element) => element === 7)).toBe(true);
  });

  test.runIf(backing === 'pages')(
    'leaves no chunk behind: 10,000 of them map no more than a hundred',
    async () => {
      await collectUntil(() => memoryStats().chunks.orphaned === 0);
      trimChunkCache();
      const drop = (count: number): void => {
        for (let index = 0; index < count; index++) new Arena({ initialBytes: 4096 }).alloc(16);
      };
      for (let round = 0; round < 100; round++) {
        drop(100);
        await collectUntil(() => memoryStats().arenas.count < 100);
      }
      const { arenas, chunks } = memoryStats();
      expect(arenas.count).toBeLessThan(100);
      expect(chunks.mapped).toBeLessThan(200);
    },
  );
});

describe.runIf(backing === 'pages')('orphaned chunks', () => {
  test('come back when their views are collected, and are used again', async () => {
    await collectUntil(() => memoryStats().chunks.orphaned === 0);
    const arena = new Arena();
    const orphan = (): Block[] => {
      const blocks: Block[] = [];
      for (let round = 0; round < 10; round++) {
        blocks.push(arena.alloc(1000).fill(round));
        arena.reset({ mode: 'orphan' });
      }
      return blocks;
    };
    const blocks = orphan();
    await collectUntil(() => memoryStats().chunks.orphaned === 0);
    expect(memoryStats().chunks).toMatchObject({ orphaned: 10, orphanedBytes: 10 * 65536 });
    blocks.forEach((block, round) => expect(block.every((byte) => byte === round)).toBe(true));
    const { mapped } = memoryStats().chunks;
    blocks.length = 0;
    await collectUntil(() => memoryStats().chunks.orphaned === 0);
    expect(memoryStats().chunks).toMatchObject({ orphaned: 0, orphanedBytes: 0 });
    expect(memoryStats().chunks.cached).toBeGreaterThanOrEqual(10);
    orphan();
    expect(memoryStats().chunks.mapped).toBeLessThanOrEqual(mapped);
    await collectUntil(() => memoryStats().chunks.orphaned === 0);
  });

  test('hand out zeros when they are used again', async () => {
    const arena = new Arena();
    (() => {
      for (let round = 0; round < 5; round++) {
        arena.alloc(60_000).fill(0xff);
        arena.reset({ mode: 'orphan' });
      }
    })();
    await collectUntil(() => memoryStats().chunks.orphaned === 0);
    for (let round = 0; round < 5; round++) {
      expect(arena.alloc(60_000).every((byte) => byte === 0)).toBe(true);
    }
  });
});

test('marks that were disposed in a loop are collected', async () => {
  const arena = new Arena();
  arena.alloc(16);
  const refs: WeakRef<ArenaMark>[] = [];
  (() => {
    for (let round = 0; round < 100; round++) {
      const mark = arena.mark();
      refs.push(new WeakRef(mark));
      mark[Symbol.dispose]();
    }
  })();
  const left = (): number => refs.filter((ref) => ref.deref() !== undefined).length;
  await collectUntil(() => left() === 0);
  expect(left()).toBeLessThanOrEqual(1);
  expect(arena.used).toBe(16);
});
