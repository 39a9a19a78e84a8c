import diagnostics from 'node:diagnostics_channel';

import {
  Arena,
  type Block,
  FixedBuffer,
  Heap,
  Pool,
  RcHeap,
  configure,
  debugStats,
  leaks,
  pageAllocator,
} from 'freehold';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';

// What an allocator promises it keeps in debug mode.

configure({ debug: { onLeak: 'ignore' } });

describe('an arena in debug mode', () => {
  test('leaves what is freed or reallocated under a pin to native code that may be at work on it', () => {
    using arena = new Arena();
    const [freed, moved] = [arena.alloc(8), arena.alloc(8)];
    {
      using _pin = arena.pin();
      const live = debugStats().liveBlocks;
      arena.free(freed);
      const bigger = arena.realloc(moved, 100);
      expect([freed.length, moved.length, bigger.length]).toEqual([8, 8, 100]);
      expect([arena.owns(freed), arena.owns(moved), arena.owns(bigger)]).toEqual([false, false, true]);
      expect(debugStats().liveBlocks).toBe(live - 1);
      expect(() => {
        arena.free(freed);
      }).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_DOUBLE_FREE' }));
    }
  });

  test('keeps what a subscriber of its reset allocates', () => {
    using arena = new Arena();
    const before = arena.alloc(8);
    let since: Block | undefined;
    const listen = () => (since = arena.alloc(16));
    diagnostics.subscribe('freehold:arena.reset', listen);
    try {
      arena.reset();
    } finally {
      diagnostics.unsubscribe('freehold:arena.reset', listen);
    }
    expect([before.length, since?.length]).toEqual([0, 16]);
  });

  test.each(['reuse', 'orphan'] as const)(
    "of mode '%s' leaves views as they are when it is disposed",
    (mode) => {
      const [byOption, byDispose] = [new Arena({ reset: mode }), new Arena()];
      const blocks = [byOption.alloc(8), byDispose.alloc(8)];
      byOption.dispose();
      byDispose.dispose({ mode });
      expect(blocks.map((block) => block.readUInt8(0))).toEqual([0, 0]);
      const ended = new Arena({ reset: mode });
      const block = ended.alloc(8);
      ended.dispose({ mode: 'detach' });
      expect(block.length).toBe(0);
    },
  );

  test('ends blocks that the program has made inextensible', () => {
    using arena = new Arena();
    const live = debugStats().liveBlocks;
    arena.alloc(8);
    const block = Object.preventExtensions(arena.alloc(8));
    arena.alloc(8);
    arena.reset();
    expect(block.length).toBe(0);
    expect(debugStats().liveBlocks).toBe(live);
  });
});

describe('a pool in debug mode', () => {
  test('keeps its alignment when a block is reallocated', () => {
    using pool = new Pool({ blockBytes: 256, alignment: 256 });
    for (let i = 0; i < 8; i++) expect(pool.realloc(pool.alloc(200), 100).address % 256n).toBe(0n);
  });

  test('refuses to move a block that is pinned', () => {
    using pool = new Pool({ blockBytes: 64 });
    const block = pool.alloc(8);
    {
      using _pin = pool.pin(block);
      expect(() => pool.realloc(block, 16)).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_PINNED' }));
    }
    expect(block.length).toBe(8);
    pool.free(pool.realloc(block, 16));
  });
});

describe('a fixed buffer in debug mode', () => {
  test('has nothing left to do at the end of a scope whose block was freed', () => {
    using fixed = new FixedBuffer(new ArrayBuffer(1024));
    const blocks = [fixed.alloc(8), fixed.alloc(8)];
    for (const block of blocks) {
      using _scope = block;
      fixed.free(block);
    }
    expect(fixed.owns(blocks[0])).toBe(false);
  });

  test('lets go of its blocks when it is disposed', () => {
    const fixed = new FixedBuffer(new ArrayBuffer(1024));
    const live = debugStats().liveBlocks;
    const block = fixed.alloc(8);
    fixed.dispose();
    expect(block.toString('hex')).toBe('00'.repeat(8));
    expect(debugStats().liveBlocks).toBe(live);
  });
});

describe('memoryLimit', () => {
  beforeEach(() => {
    configure({ debug: { memoryLimit: debugStats().liveBytes + 150 } });
  });
  afterEach(() => {
    configure({ debug: { memoryLimit: Infinity } });
  });

  test.each([
    ['Arena', () => new Arena()],
    ['Pool', () => new Pool({ blockBytes: 400 })],
    ['Heap', () => new Heap()],
    ['pageAllocator', () => pageAllocator()],
    ['RcHeap', () => new RcHeap()],
  ] as const)('of %s is ERR_FREEHOLD_LIMIT, and a realloc that it refuses changes nothing', (_, make) => {
    using allocator = make();
    const refused = expect.objectContaining({ code: 'ERR_FREEHOLD_LIMIT' }) as Error;
    expect(() => allocator.alloc(151)).toThrow(refused);
    expect(() => allocator.allocUnsafe(151)).toThrow(refused);
    const { bytesUsed } = allocator.stats();
    const block = allocator.alloc(100).fill(7);
    for (const size of [60, 120]) expect(() => allocator.realloc(block, size)).toThrow(refused);
    expect(allocator.owns(block)).toBe(true);
    expect(Buffer.from(block)).toEqual(Buffer.alloc(100, 7));
    const other = allocator.alloc(10);
    allocator.free(block);
    expect(allocator.owns(other)).toBe(true);
    allocator.free(other);
    if (!(allocator instanceof Arena)) expect(allocator.stats().bytesUsed).toBe(bytesUsed);
  });

  test('makes tryAllocIndex give -1, and no block is lost', () => {
    using pool = new Pool({ blockBytes: 151 });
    expect(pool.tryAllocIndex()).toBe(-1);
    expect(pool.blocks).toBe(0);
  });
});

test('what is no fault is thrown, also where faults go to a function', () => {
  const found: Error[] = [];
  configure({ debug: { onError: (error) => found.push(error) } });
  try {
    using heap = new Heap();
    const block = heap.alloc(8);
    {
      using _pin = heap.pin(block);
      expect(() => {
        heap.free(block);
      }).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_PINNED' }));
    }
    expect(() => heap.realloc(block, -1)).toThrow(
      expect.objectContaining({ code: 'ERR_FREEHOLD_INVALID_SIZE' }),
    );
    heap.free(block);
  } finally {
    configure({ debug: { onError: 'throw' } });
  }
  expect(found).toEqual([]);
});

test('the end of the stack loses no block and no record, and leaves Error as it was', () => {
  using pool = new Pool({ blockBytes: 16 });
  const before = debugStats().liveBlocks;
  const { stackTraceLimit, prepareStackTrace } = Error;
  const descend = (): void => {
    pool.alloc();
    descend();
  };
  expect(descend).toThrow(RangeError);
  expect(debugStats().liveBlocks - before).toBe(pool.blocks);
  expect([Error.stackTraceLimit, Error.prepareStackTrace]).toEqual([stackTraceLimit, prepareStackTrace]);
  expect(leaks().sites.length).toBeGreaterThan(0);
});

test('a block from before debug mode has a history once realloc has moved it', async () => {
  const { stdout } = await runChild(
    `import { Heap, configure, leaks } from 'freehold';
    const heap = new Heap();
    const block = heap.alloc(100_000);
    configure({ debug: { onLeak: 'ignore' } });
    function moveHere() { return heap.realloc(block, 200_000); }
    const moved = moveHere();
    console.log(leaks().sites[0].site);
    heap.free(moved);
    try { moved.readUInt8(0); } catch ({ code }) { console.log(code); }`,
  );
  expect(stdout).toMatch(/^ {4}at moveHere [^]*\nERR_FREEHOLD_USE_AFTER_FREE\n$/);
});

test('a lower quarantineBytes holds for what is there, too', () => {
  using heap = new Heap();
  heap.free(heap.alloc(1000));
  configure({ debug: { quarantineBytes: 0 } });
  try {
    heap.free(heap.alloc(1000));
    expect(debugStats().quarantine).toEqual({ blocks: 0, bytes: 0 });
  } finally {
    configure({ debug: { quarantineBytes: 16 * 1024 * 1024 } });
  }
});
