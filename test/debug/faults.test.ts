import {
  Arena,
  type Allocator,
  type Block,
  FaultError,
  FixedBuffer,
  Heap,
  Pool,
  RcHeap,
  Stack,
  checkQuarantine,
  configure,
  pageAllocator,
} from 'freehold';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

configure({ debug: { onLeak: 'ignore' } });

const memory = new ArrayBuffer(1 << 16);
const subjects: { title: string; make: () => Allocator; inPlace?: boolean; outlives?: boolean }[] = [
  { title: 'Arena', make: () => new Arena() },
  { title: "Arena in mode 'reuse'", make: () => new Arena({ reset: 'reuse' }), outlives: true },
  { title: 'Pool', make: () => new Pool({ blockBytes: 256 }) },
  { title: 'Heap', make: () => new Heap() },
  { title: 'pageAllocator', make: () => pageAllocator() },
  { title: 'RcHeap', make: () => new RcHeap() },
  { title: 'Stack', make: () => new Stack() },
  { title: 'FixedBuffer', make: () => new FixedBuffer(memory), inPlace: true, outlives: true },
];

/** What a call throws. */
function faultOf(run: () => unknown): FaultError {
  try {
    run();
  } catch (error) {
    if (error instanceof FaultError) return error;
    throw error;
  }
  throw new Error('nothing was found');
}

function allocateHere(allocator: Allocator): Block {
  return allocator.alloc(100);
}

function freeHere(allocator: Allocator, block: ArrayBufferView): void {
  allocator.free(block);
}

function freeAgain(allocator: Allocator, block: ArrayBufferView): void {
  allocator.free(block);
}

describe.each(subjects)('a block of $title in debug mode', ({ make, inPlace = false, outlives = false }) => {
  let allocator: Allocator;
  let block: Block;

  beforeEach(() => {
    allocator = make();
    block = allocateHere(allocator);
  });
  afterEach(() => {
    allocator[Symbol.dispose]();
  });

  test('that is freed twice is an error with the three stacks', () => {
    freeHere(allocator, block);
    const fault = faultOf(() => {
      freeAgain(allocator, block);
    });
    expect(fault.code).toBe('ERR_FREEHOLD_DOUBLE_FREE');
    expect(fault.bytes).toBe(100);
    expect(fault.allocated).toMatch(/^ {4}at allocateHere \(file:.*faults\.test\.ts:\d+:\d+\)/);
    expect(fault.freed).toMatch(/^ {4}at freeHere \(file:.*faults\.test\.ts/);
    expect(fault.message).toMatch(
      /allocated:\n {4}at allocateHere [^]*freed first:\n {4}at freeHere [^]*freed again:\n {4}at freeAgain /,
    );
  });

  test('that is used after its free is an error with both stacks, and has no bytes', () => {
    freeHere(allocator, block);
    for (const use of [
      () => block.readUInt8(0),
      () => block.write('x'),
      () => block.fill(1),
      () => block.toString(),
      () => block.subarray(1),
      () => block.address,
      () => [...block],
    ]) {
      const fault = faultOf(use);
      expect(fault.code).toBe('ERR_FREEHOLD_USE_AFTER_FREE');
      expect(fault.message).toMatch(/allocated:\n {4}at allocateHere [^]*freed:\n {4}at freeHere /);
    }
    if (!inPlace) {
      expect(block.length).toBe(0);
      expect(block[0]).toBeUndefined();
    }
  });

  test('that is given to another allocator is an error, and lives on', () => {
    using other = new Heap();
    const fault = faultOf(() => {
      other.free(block);
    });
    expect(fault.code).toBe('ERR_FREEHOLD_INVALID_FREE');
    expect(fault.message).toMatch(/was given to heap "heap"/);
    expect(block.length).toBe(100);
    allocator.free(block);
  });

  test.skipIf(inPlace)('that a view inside of it is freed for is an error, and lives on', () => {
    const inside = new Uint8Array(block.buffer, block.byteOffset + 16, 10);
    expect(() => {
      allocator.free(inside);
    }).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_INVALID_FREE' }));
    expect(block.length).toBe(100);
    allocator.free(block);
  });

  test.skipIf(inPlace).each([-16, -1, 100, 115])(
    'whose byte %i was written to is an error at its free',
    (at) => {
      new Uint8Array(block.buffer)[block.byteOffset + at] = 1;
      const fault = faultOf(() => {
        allocator.free(block);
      });
      expect(fault.code).toBe('ERR_FREEHOLD_CORRUPTION');
      expect(fault.message).toContain(
        at < 0 ? `byte ${-at} before a block` : `byte ${at - 99} behind the end`,
      );
      expect(fault.message).toContain('allocateHere');
      expect(block.length).toBe(0); // It is freed nevertheless.
      checkQuarantine();
    },
  );

  test('is filled with 0xAA when nobody asked for zeroes, and with zeroes else', () => {
    expect(Buffer.from(allocator.allocUnsafe(20))).toEqual(Buffer.alloc(20, 0xaa));
    expect(Buffer.from(allocator.alloc(20))).toEqual(Buffer.alloc(20));
  });

  test('dies in a realloc, which keeps its bytes', () => {
    block.fill(7);
    const moved = allocator.realloc(block, 200);
    expect(Buffer.from(moved)).toEqual(Buffer.concat([Buffer.alloc(100, 7), Buffer.alloc(100)]));
    expect(faultOf(() => block.readUInt8(0)).code).toBe('ERR_FREEHOLD_USE_AFTER_FREE');
    expect(
      faultOf(() => {
        freeAgain(allocator, block);
      }).code,
    ).toBe('ERR_FREEHOLD_DOUBLE_FREE');
    const smaller = allocator.realloc(moved, 50);
    expect(Buffer.from(smaller)).toEqual(Buffer.alloc(50, 7));
    if (!inPlace) expect(moved.length).toBe(0);
    allocator.free(smaller);
  });

  test.skipIf(inPlace)('whose buffer the program has transferred is an error at its free', () => {
    structuredClone(block.buffer, { transfer: [block.buffer] });
    expect(() => {
      allocator.free(block);
    }).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_USE_AFTER_FREE' }));
  });

  test.skipIf(outlives)('ends with its allocator, which says so', () => {
    allocator[Symbol.dispose]();
    const fault = faultOf(() => block.readUInt8(0));
    expect(fault.message).toContain('ended with a reset, rewind or dispose of its allocator');
  });

  test('is aligned as was asked', () => {
    for (const alignment of [1, 16, 256, 4096]) {
      const tried = allocator.tryAlloc(10, alignment);
      if (tried !== null) expect(tried.address % BigInt(alignment)).toBe(0n);
    }
  });
});

describe('blocks that end together', () => {
  test('of an arena die at its reset', () => {
    using arena = new Arena();
    const block = arena.string('abc');
    arena.reset();
    expect(block.length).toBe(0);
    expect(faultOf(() => block.toString()).message).toContain('ended with a reset');
  });

  test('since a mark die at the rewind, and no others', () => {
    using arena = new Arena();
    const before = arena.string('before');
    const mark = arena.mark();
    const since = arena.string('since');
    arena.rewind(mark);
    expect(before.toString()).toBe('before');
    expect(since.length).toBe(0);
  });

  test('of an arena stay with the collector when the reset orphans them', () => {
    using arena = new Arena();
    const block = arena.string('kept');
    arena.reset({ mode: 'orphan' });
    expect(block.toString()).toBe('kept');
  });

  test('in a cycle die by a collection', () => {
    using heap = new RcHeap();
    const [a, b] = [heap.alloc(8, { refs: 1 }), heap.alloc(8, { refs: 1 })];
    a.setRef(0, b);
    b.setRef(0, a);
    a.release();
    b.release();
    expect(a.length).toBe(8);
    heap.collect();
    expect(a.length).toBe(0);
  });
});

describe('an index of a pool', () => {
  test('that is freed twice is an error with the three stacks', () => {
    using pool = new Pool({ blockBytes: 32 });
    const index = pool.allocIndex();
    pool.view(index).fill(1);
    pool.freeIndex(index);
    const fault = faultOf(() => {
      pool.freeIndex(index);
    });
    expect(fault.code).toBe('ERR_FREEHOLD_DOUBLE_FREE');
    expect(fault.message).toMatch(/freed first:[^]*freed again:/);
  });
});

describe('what is done about a fault', () => {
  test('is to call a function, after which the faulty call does nothing', () => {
    const found: Error[] = [];
    configure({ debug: { onError: (error) => found.push(error) } });
    using heap = new Heap();
    const block = heap.alloc(8);
    heap.free(block);
    heap.free(block);
    configure({ debug: { onError: 'throw' } });
    expect(found).toEqual([expect.objectContaining({ code: 'ERR_FREEHOLD_DOUBLE_FREE' })]);
    expect(heap.stats().blocks).toBe(0);
  });
});

describe('memoryLimit', () => {
  test('is kept: alloc throws, tryAlloc gives null, and nothing is lost', () => {
    using heap = new Heap();
    using arena = new Arena();
    configure({ debug: { memoryLimit: 1000 } });
    try {
      const block = heap.alloc(900);
      for (const allocator of [heap, arena]) {
        expect(() => allocator.alloc(200)).toThrow(
          expect.objectContaining({ message: expect.stringMatching(/./) as string }),
        );
        expect(allocator.tryAlloc(200)).toBeNull();
      }
      heap.free(block);
      heap.free(heap.alloc(900));
      expect(arena.stats().bytesUsed).toBe(0);
    } finally {
      configure({ debug: { memoryLimit: Infinity } });
    }
  });
});
