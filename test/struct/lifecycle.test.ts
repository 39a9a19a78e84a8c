import { describe, expect, test } from 'vitest';
import {
  type Allocator,
  type Rc,
  Arena,
  Block,
  FixedBuffer,
  Heap,
  Pool,
  RcHeap,
  Stack,
  addressOf,
  arrayOf,
  assign,
  auto,
  blockOf,
  cString,
  create,
  destroy,
  f64,
  i32,
  i64,
  isAlive,
  keep,
  limited,
  pageAllocator,
  sizeOf,
  struct,
  toObject,
  tracking,
  u8,
} from 'freehold';
import { refusal } from '../lib/codes.ts';

const inner = struct({ n: i32, deeper: struct({ m: u8 }) });
const layout = struct(
  { x: f64, name: cString(8), big: i64, in: inner, list: arrayOf(inner, 2) },
  { name: 'thing' },
);
type Thing = ReturnType<typeof thing>;

function thing(allocator: Allocator) {
  return create(allocator, layout, { x: 1, name: 'a', in: { n: 2 } });
}

/** Everything that can be done with a struct, and with the parts that were made of it before. */
function usesOf(p: Thing): (() => unknown)[] {
  const { in: part, list } = p;
  const [element, { deeper }] = [list.get(1), part];
  return [
    () => p.x,
    () => (p.x = 1),
    () => p.name,
    () => (p.name = 'b'),
    () => p.big,
    () => (p.big = 1n),
    () => p.in,
    () => (p.in = { n: 1 } as never),
    () => part.n,
    () => (part.n = 1),
    () => deeper.m,
    () => list.get(0),
    () => list.set(0, {}),
    () => list.at(0).n,
    () => [...list],
    () => element.n,
    () => (element.n = 1),
    () => assign(p, { x: 1 }),
    () => toObject(p),
    () => toObject(part),
    () => JSON.stringify(p),
    () => addressOf(part),
    () => blockOf(p),
  ];
}

function expectEnded(uses: (() => unknown)[]): void {
  for (const use of uses) refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
}

const allocators: [string, () => Allocator][] = [
  ['Arena', () => new Arena()],
  ['Pool', () => new Pool({ blockBytes: 64, alignment: 64 })],
  ['Heap', () => new Heap()],
  ['RcHeap', () => new RcHeap()],
  ['Stack', () => new Stack({ bytes: 1 << 16 })],
  ['FixedBuffer', () => new FixedBuffer(new Uint8Array(4096).subarray(3))],
  ['pageAllocator', () => pageAllocator()],
  ['wrappers', () => tracking(limited(new Heap(), 1 << 20))],
];

describe.each(allocators)('over %s', (_title, make) => {
  test('a struct is at its alignment, lives until it is destroyed, and never after that', () => {
    using allocator = make();
    const aligned = struct({ x: f64, in: inner }, { align: 64 });
    const before = allocator.alloc(16);
    const neighbour = create(allocator, aligned);
    const between = allocator.alloc(16);
    const other = create(allocator, aligned, { x: 7 });
    expect([addressOf(neighbour) % 64n, addressOf(other) % 64n, between.length]).toEqual([0n, 0n, 16]);
    expect(addressOf(other.in)).toBe(addressOf(other) + 8n);
    const p = thing(allocator);
    const uses = usesOf(p);
    for (const use of uses) use();
    expect([isAlive(p), isAlive(p.in), blockOf(p).allocator]).toEqual([true, true, allocator]);
    const { in: part } = p;
    destroy(p);
    expectEnded(uses);
    expect([isAlive(p), isAlive(part), other.x]).toEqual([false, false, 7]);
    refusal(() => destroy(p), 'ERR_FREEHOLD_DOUBLE_FREE');
    p[Symbol.dispose](); // As that of a block: nothing is left to do.
    destroy(other);
    allocator.free(between);
    destroy(neighbour);
    allocator.free(before);
  });

  test('using gives the block back', () => {
    using allocator = make();
    const before = allocator.stats().bytesUsed;
    {
      using p = thing(allocator);
      expect([p.x, allocator.owns(blockOf(p))]).toEqual([1, true]);
    }
    // Padding before a block may stay.
    expect(allocator.stats().bytesUsed).toBeLessThan(before + 16);
  });

  test('what is no owner of a block is not destroyed', () => {
    using allocator = make();
    const p = thing(allocator);
    const view = layout.view(blockOf(p));
    for (const part of [p.in, p.list, p.list.get(0), p.in.deeper, view]) {
      refusal(() => destroy(part), 'ERR_FREEHOLD_INVALID_FREE');
      refusal(() => blockOf(part), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
    view[Symbol.dispose]();
    expect([p.x, view.x]).toEqual([1, 1]);
    destroy(p);
  });
});

describe('when its allocator ends the memory', () => {
  test.each<[string, () => [Thing, () => void]]>([
    ['by reset', () => ends(new Arena(), (arena) => arena.reset())],
    ['by dispose', () => ends(new Pool({ blockBytes: 256 }), (pool) => pool.dispose())],
    ['by dispose of a heap', () => ends(new Heap(), (heap) => heap.dispose())],
    ['by dispose of a counting heap', () => ends(new RcHeap(), (heap) => heap.dispose())],
    [
      'by trim after a free elsewhere',
      () => {
        const pool = new Pool({ blockBytes: 256 });
        const p = thing(pool);
        const block = blockOf(p);
        return [p, () => (pool.free(block), pool.trim())];
      },
    ],
    [
      'by the transfer of the buffer',
      () => {
        const memory = new ArrayBuffer(sizeOf(layout));
        return [layout.view(memory), () => structuredClone(memory, { transfer: [memory] })];
      },
    ],
  ])('%s, every use throws', (_title, make) => {
    const [p, end] = make();
    const uses = usesOf(p).slice(0, -1);
    for (const use of uses) use();
    end();
    expectEnded(uses);
    expect(isAlive(p)).toBe(false);
  });

  function ends<A extends Allocator>(allocator: A, end: (allocator: A) => void): [Thing, () => void] {
    return [thing(allocator), () => end(allocator)];
  }

  test('a reset in the middle of a loop is noticed, however hot the code is', () => {
    const arena = new Arena();
    const sum = (p: Thing): number => {
      let total = 0;
      for (let k = 0; k < 1000; k++) {
        p.x = k;
        total += p.x + Number(p.big);
      }
      return total;
    };
    const p = thing(arena);
    for (let k = 0; k < 2000; k++) sum(p);
    arena.reset();
    refusal(() => sum(p), 'ERR_FREEHOLD_USE_AFTER_FREE');
    const next = thing(arena);
    refusal(() => sum(p), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(sum(next)).toBe(499_500);
  });

  test('memory that shrinks ends what is beyond its end, and growth brings it back', () => {
    const memory = new (
      ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer & { resize(n: number): void }
    )(256, { maxByteLength: 512 });
    const p = layout.view(memory, 64);
    p.x = 5;
    memory.resize(80);
    refusal(() => p.big, 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => toObject(p), 'ERR_FREEHOLD_USE_AFTER_FREE');
    memory.resize(512);
    expect(p.x).toBe(5);
    expect(layout.view(memory, 400).x).toBe(0);
  });
});

describe.each([
  ['a pool', () => new Pool({ blockBytes: sizeOf(layout) })],
  ['a heap', () => new Heap()],
] as const)('a block of %s that is freed behind the back of its struct', (_title, make) => {
  test('is not freed twice, and the struct says so', () => {
    using allocator: Allocator = make();
    const p = thing(allocator);
    allocator.free(blockOf(p));
    expect(isAlive(p)).toBe(false);
    refusal(() => destroy(p), 'ERR_FREEHOLD_DOUBLE_FREE');
    expectEnded([() => p.x, () => destroy(p)]);
  });

  test('is not taken away from the one that has it now', () => {
    using allocator: Allocator = make();
    const p = thing(allocator);
    const block = blockOf(p);
    allocator.free(block);
    const next = allocator.alloc(sizeOf(layout));
    expect(next).toBe(block);
    expect(isAlive(p)).toBe(false);
    refusal(() => destroy(p), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(allocator.owns(next)).toBe(true);
  });

  test('ends the struct when the next one gets it', () => {
    using allocator: Allocator = make();
    const p = thing(allocator);
    const uses = usesOf(p);
    allocator.free(blockOf(p));
    const next = create(allocator, layout, { x: 42 });
    expectEnded(uses);
    expectEnded([() => destroy(p)]);
    expect(next.x).toBe(42);
  });
});

test('a block that may not be freed leaves its struct as it was', () => {
  using heap = new Heap();
  const p = thing(heap);
  const pin = blockOf(p).pin();
  refusal(() => destroy(p), 'ERR_FREEHOLD_PINNED');
  expect(p.x).toBe(1);
  pin.release();
  destroy(p);
  refusal(() => p.x, 'ERR_FREEHOLD_USE_AFTER_FREE');
});

test('a struct of a scope is gone with the scope, unless its block is kept', () => {
  using heap = new RcHeap();
  const p = auto((memory) => thing(memory), { heap });
  expect([heap.stats().blocks, isAlive(p)]).toEqual([0, false]);
  refusal(() => destroy(p), 'ERR_FREEHOLD_DOUBLE_FREE');
  refusal(() => p.x, 'ERR_FREEHOLD_USE_AFTER_FREE');
  const q = auto((memory) => (keep<Rc>(blockOf(thing(memory)) as never), memory), { heap });
  expect([q.disposed, heap.stats().blocks]).toEqual([true, 1]);
});

test('parts and bytes keep a counted block that nothing else holds', async () => {
  using heap = new RcHeap();
  const part = (() => thing(heap).list.get(1))();
  for (let k = 0; k < 10; k++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(heap.stats().blocks).toBe(1);
  part.n = 3;
  expect(part.n).toBe(3);
});

test('an allocator that is not ours gets back what it gave, and may come back meanwhile', () => {
  const seen: unknown[] = [];
  const own = {
    alloc: (byteLength: number) => new Block(new ArrayBuffer(byteLength), 0, byteLength),
    free(block: Block) {
      seen.push(block);
      refusal(() => destroy(p), 'ERR_FREEHOLD_DOUBLE_FREE');
      if (seen.length === 1) throw new RangeError('not now');
    },
  };
  const p = create(own as unknown as Allocator, layout, { x: 2 });
  const block = blockOf(p);
  expect(() => destroy(p)).toThrow(RangeError);
  expect(p.x).toBe(2);
  destroy(p);
  expect(seen).toEqual([block, block]);
  refusal(() => p.x, 'ERR_FREEHOLD_USE_AFTER_FREE');
  for (const given of [undefined, null, 5, new Block(new ArrayBuffer(8), 0, 8), Buffer.alloc(1000), {}])
    refusal(() => create({ ...own, alloc: () => given } as never, layout), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  for (const none of [undefined, null, 5, {}, { alloc: own.alloc }])
    refusal(() => create(none as never, layout), 'ERR_FREEHOLD_INVALID_ARGUMENT');
});

test('getters that end the memory while they are read change nothing', () => {
  using pool = new Pool({ blockBytes: sizeOf(layout) });
  const p = thing(pool);
  const hostile = {
    get x() {
      destroy(p);
      return 9;
    },
  };
  refusal(() => assign(p, hostile), 'ERR_FREEHOLD_USE_AFTER_FREE');
  const next = pool.alloc();
  expect(next.readDoubleLE()).toBe(0);
});

test('functions of structs refuse what is none', () => {
  for (const none of [
    undefined,
    null,
    5,
    'x',
    {},
    [],
    Buffer.alloc(8),
    layout,
    new Proxy(layout.view(new Uint8Array(200)), {}),
  ]) {
    for (const use of [destroy, isAlive, blockOf, toObject, (value: never) => assign(value, {})])
      refusal(() => (use as (value: unknown) => unknown)(none), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    // A Buffer has an address, too.
    if (!Buffer.isBuffer(none)) refusal(() => addressOf(none as object), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  }
});
