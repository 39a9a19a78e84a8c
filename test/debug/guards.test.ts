import { describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';

/** Runs a program with debug mode of some kind, and gives what it prints as JSON. */
async function resultOf(debug: object, source: string): Promise<unknown> {
  const { stdout } = await runChild(
    `import { Arena, Heap, Pool, RcHeap, configure, debugStats } from 'freehold';
    configure({ debug: ${JSON.stringify({ onLeak: 'ignore', ...debug })} });
    ${source}`,
  );
  return JSON.parse(stdout);
}

describe("guard: 'all'", () => {
  test('guards the blocks of every allocator, and their last byte ends a page', async () => {
    const found = await resultOf(
      { guard: 'all' },
      `const allocators = [new Arena(), new Heap(), new Pool({ blockBytes: 64 }), new RcHeap()];
      const ends = allocators.map((allocator) => Number((allocator.alloc(64).address + 64n) % 4096n));
      console.log(JSON.stringify({ ends, live: debugStats().guarded.live }));`,
    );
    expect(found).toEqual({ ends: [0, 0, 0, 0], live: 4 });
  });

  test("with guardSide: 'front' their first byte begins one", async () => {
    const source = 'console.log(JSON.stringify(Number(new Heap().alloc(64).address % 4096n)));';
    expect(await resultOf({ guard: 'all', guardSide: 'front' }, source)).toBe(0);
  });

  test('goes on without guards when mappings run out, and counts that', async () => {
    const found = await resultOf(
      { guard: 'all', stackFrames: 0 },
      `const heap = new Heap();
      const blocks = Array.from({ length: 17_000 }, (_, i) => heap.alloc(8).fill(i));
      const right = blocks.every((block, i) => block[7] === i % 256);
      const { live, refused } = debugStats().guarded;
      for (const block of blocks) heap.free(block);
      console.log(JSON.stringify({ right, all: live + refused, some: live > 1000 && refused > 0, left: debugStats().guarded.live }));`,
    );
    expect(found).toEqual({ right: true, all: 17_000, some: true, left: 0 });
  });

  test('gives the memory of an arena back at its reset', async () => {
    const found = await resultOf(
      { guard: 'all' },
      `const arena = new Arena();
      for (let i = 0; i < 10; i++) arena.alloc(5000);
      const before = debugStats().guarded.bytesMapped;
      arena.reset();
      console.log(JSON.stringify([before, debugStats().guarded.bytesMapped]));`,
    );
    expect(found).toEqual([10 * 8192, 0]);
  });
});

describe("guard: 'sampled'", () => {
  test('guards one of so many, at most 16 at a time, and records nothing else', async () => {
    const found = (await resultOf(
      { guard: 'sampled', sampleEvery: 10 },
      `const heap = new Heap();
      const arena = new Arena();
      const blocks = Array.from({ length: 1000 }, () => heap.alloc(100));
      const full = debugStats();
      for (const block of blocks) heap.free(block);
      let seen = 0;
      for (let i = 0; i < 1000; i++) {
        for (let k = 0; k < 10; k++) arena.alloc(10);
        seen += debugStats().guarded.live;
        arena.reset();
      }
      console.log(JSON.stringify({ full: full.guarded.live, recorded: full.liveBlocks, seen, left: debugStats().liveBlocks }));`,
    )) as { full: number; recorded: number; seen: number; left: number };
    expect(found).toMatchObject({ full: 16, recorded: 16, left: 0 });
    // About one of the ten blocks of each turn.
    expect(found.seen).toBeGreaterThan(500);
    expect(found.seen).toBeLessThan(2000);
  });

  test('hands out zeroed blocks that are freed by any view, whether they were sampled or not', async () => {
    const found = await resultOf(
      { guard: 'sampled', sampleEvery: 2 },
      `const heap = new Heap();
      const pool = new Pool({ blockBytes: 32 });
      let right = true;
      for (let i = 0; i < 2000; i++) {
        for (const allocator of [heap, pool]) {
          const block = allocator.alloc(32);
          right &&= block.every((byte) => byte === 0);
          block.fill(255);
          allocator.free(i % 3 === 0 ? new Uint8Array(block.buffer, block.byteOffset, 32) : block);
        }
      }
      console.log(JSON.stringify({ right, heap: heap.stats().blocks, pool: pool.stats().blocks, left: debugStats().liveBlocks }));`,
    );
    expect(found).toEqual({ right: true, heap: 0, pool: 0, left: 0 });
  });

  test('takes no samples of blocks larger than a page', async () => {
    const found = await resultOf(
      { guard: 'sampled', sampleEvery: 1 },
      `const arena = new Arena();
      const seen = [8192, 4097, 4096, 100].map((size) => {
        arena.alloc(size);
        return debugStats().guarded.live;
      });
      console.log(JSON.stringify(seen));`,
    );
    expect(found).toEqual([0, 0, 1, 2]);
  });
});
