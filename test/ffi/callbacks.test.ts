import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';

import { succeed } from '../../lib/arena.ts';
import { AllocatorCallbacks, Arena, Heap } from '../../lib/index.ts';
import { backing } from '../lib/memory.ts';
import { library } from './lib/c-functions.ts';

const makers = [
  ['an arena', () => new Arena()],
  ['a heap', () => new Heap()],
] as const;

describe.each(makers)('callbacks of %s', (_, make) => {
  test('give blocks at multiples of 16 that are counted until they are freed', () => {
    using allocator = make();
    const callbacks = allocator.callbacks();
    const { malloc, free } = library(callbacks);
    const first = malloc(100);
    const second = malloc(0);
    expect([first % 16n, second % 16n, first === second]).toEqual([0n, 0n, false]);
    expect(callbacks.stats()).toMatchObject({ liveBlocks: 2, blocks: 2, refused: 0, misused: 0 });
    expect(callbacks.byteLengthAt(first)).toBeGreaterThanOrEqual(100);
    expect(callbacks.byteLengthAt(first + 16n)).toBe(0);
    expect(callbacks.leaks().map(({ address }) => address)).toEqual(expect.arrayContaining([first, second]));
    expect(callbacks.leaks(1)).toHaveLength(1);
    free(second);
    free(first);
    expect(callbacks.stats()).toMatchObject({ liveBlocks: 0, liveBytes: 0, blocks: 2 });
    expect(callbacks.leaks()).toEqual([]);
    expect(allocator.stats().bytesUsed).toBe(0);
  });

  test('count among what the allocator uses', () => {
    using allocator = make();
    const before = allocator.stats().bytesUsed;
    library(allocator.callbacks()).malloc(1000);
    expect(allocator.stats().bytesUsed - before).toBeGreaterThanOrEqual(1000);
  });

  test('are the same each time, and not made anew with other options', () => {
    using allocator = make();
    const callbacks = allocator.callbacks({ limitBytes: 4096 });
    expect(allocator.callbacks()).toBe(callbacks);
    expect(callbacks.limit).toBe(4096);
    expect(() => allocator.callbacks({ limitBytes: 5 })).toThrow(
      expect.objectContaining({ code: 'ERR_FREEHOLD_INVALID_ARGUMENT' }),
    );
    callbacks.dispose();
    expect(allocator.callbacks({ limitBytes: 5 })).not.toBe(callbacks);
  });

  test('give no memory above their limit, which may be changed', () => {
    using allocator = make();
    const callbacks = allocator.callbacks({ limitBytes: 1024 });
    const { malloc, realloc } = library(callbacks);
    const block = malloc(512);
    expect(malloc(1024)).toBe(0n);
    expect(realloc(block, 2048)).toBe(0n);
    expect(callbacks.stats()).toMatchObject({ liveBlocks: 1, refused: 2 });
    callbacks.limit = Infinity;
    expect(realloc(block, 2048)).not.toBe(0n);
  });

  test('fail from the allocation on that they are told to', () => {
    using allocator = make();
    const callbacks = allocator.callbacks({ failAt: 2 });
    const { malloc } = library(callbacks);
    expect([malloc(8) > 0n, malloc(8), malloc(8)]).toEqual([true, 0n, 0n]);
    callbacks.failAt(0);
    expect(malloc(8)).not.toBe(0n);
    callbacks.failAt(1);
    expect(malloc(8)).toBe(0n);
  });

  test('count frees of what is no live block, which do nothing', () => {
    using allocator = make();
    const callbacks = allocator.callbacks();
    const { malloc, realloc, free } = library(callbacks);
    const block = malloc(64);
    malloc(64);
    free(block);
    free(block);
    free(block + 8n);
    free(0x1000n);
    free(0n);
    expect(realloc(block, 100)).toBe(0n);
    expect(callbacks.stats()).toMatchObject({ liveBlocks: 1, misused: 4 });
  });

  test('give no memory any more when they, or their allocator, were disposed', () => {
    for (const ends of [
      (allocator: Disposable, callbacks: AllocatorCallbacks) => {
        callbacks.dispose();
        allocator[Symbol.dispose]();
      },
      (allocator: Disposable) => {
        allocator[Symbol.dispose]();
      },
    ]) {
      const allocator = make();
      const callbacks = allocator.callbacks();
      const { malloc, realloc, free } = library(callbacks);
      const block = malloc(64);
      free(block);
      ends(allocator, callbacks);
      expect([malloc(64), realloc(block, 128), callbacks.disposed]).toEqual([0n, 0n, true]);
      free(block);
      expect(callbacks.stats()).toMatchObject({ liveBlocks: 0, blocks: 0 });
      expect(() => callbacks.plain).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_DISPOSED' }));
      callbacks.dispose();
    }
  });

  test('say what they are', () => {
    using allocator = make();
    const callbacks = allocator.callbacks();
    expect(callbacks.allocator).toBe(allocator);
    expect(inspect(callbacks)).toMatch(
      /AllocatorCallbacks\(.* "(arena|heap)"\) \{ 0 bytes in 0 block\(s\) \}/,
    );
    expect(JSON.parse(JSON.stringify(callbacks))).toEqual(callbacks.stats());
  });

  test('refuse options and arguments that make no sense', () => {
    using allocator = make();
    const refused = (call: () => unknown, code: string): void => {
      expect(call).toThrow(expect.objectContaining({ code }));
    };
    refused(() => allocator.callbacks({ limit: 5 } as object), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refused(() => allocator.callbacks({ limitBytes: -1 }), 'ERR_FREEHOLD_INVALID_SIZE');
    refused(() => allocator.callbacks({ failAt: 1.5 }), 'ERR_FREEHOLD_INVALID_SIZE');
    const callbacks = allocator.callbacks();
    refused(() => (callbacks.limit = NaN), 'ERR_FREEHOLD_INVALID_SIZE');
    refused(() => callbacks.leaks(-1), 'ERR_FREEHOLD_INVALID_SIZE');
    refused(
      () => new (AllocatorCallbacks as unknown as new () => unknown)(),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
    for (const [name, { get, value }] of Object.entries(
      Object.getOwnPropertyDescriptors(AllocatorCallbacks.prototype),
    )) {
      if (name === 'constructor') continue;
      const method = (get ?? value) as () => unknown;
      refused(() => method.call({}), 'ERR_FREEHOLD_INVALID_RECEIVER');
    }
  });
});

test('what a library has not freed from a heap is an error, unless it is forced', () => {
  using heap = new Heap();
  const callbacks = heap.callbacks();
  library(callbacks).malloc(64);
  expect(() => {
    callbacks.dispose();
  }).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_LEAK' }));
  expect(callbacks.disposed).toBe(false);
  callbacks.dispose({ force: true });
  expect(callbacks.disposed).toBe(true);
});

test.runIf(backing === 'pages')(
  'a reset of the arena ends what a library has, and frees that come later do nothing',
  () => {
    using arena = new Arena();
    const callbacks = arena.callbacks();
    const { malloc, free } = library(callbacks);
    const stale = [16, 1000, 100_000, 5_000_000].map(malloc);
    expect(callbacks.stats().liveBlocks).toBe(4);
    arena.reset();
    expect(callbacks.stats()).toMatchObject({ liveBlocks: 0, liveBytes: 0 });
    expect(arena.used).toBe(0);
    const ours = arena.alloc(64).fill(7);
    stale.forEach(free);
    expect(callbacks.stats().misused).toBe(4);
    expect(ours.every((byte) => byte === 7)).toBe(true);
    expect(arena.used).toBe(64);
  },
);

test.runIf(backing === 'pages')('the arena shows the blocks of a library as its own', () => {
  using arena = new Arena();
  const { malloc } = library(arena.callbacks());
  const small = arena.alloc(16);
  const addresses = Array.from({ length: 50 }, () => malloc(10_000));
  const blocks = addresses.map((address, index) => arena.blockAt(address, 10_000).fill(index));
  expect(small.length).toBe(16);
  for (const [index, block] of blocks.entries()) {
    expect(block.address).toBe(addresses[index]);
    expect(block.every((byte) => byte === index)).toBe(true);
    expect(arena.owns(block)).toBe(true);
  }
  for (const [address, bytes] of [
    [addresses[0], 2 ** 40],
    [1n, 1],
    [0n, 0],
    [-1n, 1],
    [(addresses.at(-1) as bigint) + 10_000n, 10_000],
  ] as const) {
    expect(() => arena.blockAt(address, bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_FREEHOLD_INVALID_ARGUMENT' }),
    );
  }
  arena.reset();
  expect(blocks.every(({ length }) => length === 0)).toBe(true);
});

test('whoever takes over an arena is not reached through the callbacks of the one before', () => {
  const first = new Arena();
  const { malloc } = library(first.callbacks());
  malloc(64);
  const { pointer } = first;
  using heir = succeed(first);
  heir.reset();
  expect(malloc(64)).toBe(0n);
  expect(heir.used).toBe(0);
  expect(heir.pointer).not.toBe(pointer);
});

test('128 allocators of a process may have functions without a context, and places are given back', () => {
  const program = `
    import { Arena } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url))};
    const arenas = Array.from({ length: 128 }, () => new Arena());
    const sets = new Set(arenas.map((arena) => arena.callbacks().plain.malloc));
    const last = new Arena();
    try { last.callbacks().plain; } catch ({ code }) { console.log(sets.size, code); }
    arenas[5].dispose();
    console.log(typeof last.callbacks().expat);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(output).toBe('128 ERR_FREEHOLD_LIMIT\nbigint\n');
});
