import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import {
  Arena,
  FreeholdError,
  Heap,
  List,
  type ListInput,
  type NestedInput,
  RcHeap,
  RcString,
  Value,
} from 'freehold';
import { refusal } from '../lib/codes.ts';
import { grounds } from './lib/allocators.ts';

const INVALID = 'ERR_FREEHOLD_INVALID_ARGUMENT';
const MIXED = [0, -0, 1.5, NaN, 2 ** 31, -(2 ** 31), true, false, null, '', 'h\u00e9llo'] as const;

describe.each(grounds)('over %s', (_name, make) => {
  test('a list has what was put into it, each of its kind', () => {
    const ground = make();
    const list = List.from(MIXED, { allocator: ground.allocator });
    expect([list.length, list.allocator]).toEqual([MIXED.length, ground.allocator]);
    expect(list.toArray()).toEqual([...MIXED]);
    const kinds = MIXED.map((_value, index) => list.kind(index));
    const [int32, double, bool] = ['int32', 'double', 'bool'];
    expect(kinds).toEqual([
      int32,
      double,
      double,
      double,
      double,
      int32,
      bool,
      bool,
      'null',
      'string',
      'string',
    ]);
    expect(JSON.stringify(list)).toBe(JSON.stringify([...MIXED]));
    expect(inspect(list)).toBe(`List ${inspect([...MIXED])}`);
    list.release();
    ground.assertEmpty();
  });

  test('a string lives as long as the list has it, and not longer', () => {
    const ground = make();
    const { allocator } = ground;
    const string = RcString.from('text', { allocator });
    const list = List.create({ allocator });
    for (let each = 0; each < 5; each++) list.push(string);
    expect(string.refCount).toBe(6);
    list.set(0, 7);
    list.set(1, 'other');
    expect(string.refCount).toBe(4);
    (list.pop() as RcString).release();
    expect(string.refCount).toBe(3);
    const found = list.get(2) as RcString;
    expect([String(found), found.equals(string), string.refCount]).toEqual(['text', true, 4]);
    found.release();
    list.set(2, string);
    expect(string.refCount).toBe(3);
    list.clear();
    expect([string.refCount, list.length]).toEqual([1, 0]);
    list.push(string);
    list.release();
    expect(string.refCount).toBe(1);
    string.release();
    ground.assertEmpty();
  });

  test('a slice, and a string of another allocator, are copied', () => {
    const ground = make();
    const { allocator } = ground;
    using other = new Heap();
    const foreign = RcString.from('foreign', { allocator: other });
    const whole = RcString.from('whole', { allocator });
    const part = whole.slice(1, 3);
    const list = List.from([foreign, part, whole.slice(0)], { allocator });
    expect(list.toArray()).toEqual(['foreign', 'ho', 'whole']);
    expect([foreign.refCount, whole.refCount]).toEqual([1, 4]);
    for (const each of [foreign, whole, part, list]) each.release();
    expect(other.stats().blocks).toBe(0);
  });

  test('lists within lists are the same lists, also when they grow', () => {
    const ground = make();
    const { allocator } = ground;
    const inner = List.create({ allocator });
    const outer = List.from([inner, inner], { allocator });
    for (let each = 0; each < 100; each++) inner.push(`text ${each}`);
    const found = outer.get(1) as List;
    expect([found.length, found.isSame(inner), found.isSame(outer), inner.refCount]).toEqual([
      100,
      true,
      false,
      4,
    ]);
    found.push(null);
    expect([inner.length, inner.kind(100), outer.toArray()[0]]).toEqual([101, 'null', inner.toArray()]);
    for (const each of [inner, outer, found]) each.release();
    ground.assertEmpty();
  });

  test('objects of one list see the same elements, whichever of them makes it grow', () => {
    const ground = make();
    const list = List.create({ allocator: ground.allocator });
    const other = list.share();
    for (let each = 0; each < 500; each++)
      (each % 3 === 0 ? list : other).push(each % 2 === 0 ? each : String(each));
    expect([list.length, other.length]).toEqual([500, 500]);
    expect(list.toArray()).toEqual(other.toArray());
    expect(other.toArray()).toEqual(
      Array.from({ length: 500 }, (_, each) => (each % 2 === 0 ? each : String(each))),
    );
    list.release();
    expect(other.length).toBe(500);
    other.release();
    ground.assertEmpty();
  });

  test('what iteration gives is released at the next step, and at a break', () => {
    const ground = make();
    const { allocator } = ground;
    const string = RcString.from('text', { allocator });
    const list = List.from([string, string, string], { allocator });
    for (const each of list) {
      expect([(each as RcString).toString(), string.refCount]).toEqual(['text', 5]);
      if (list.length === 3) list.push(1);
      else break;
    }
    expect(string.refCount).toBe(4);
    const [first] = list;
    refusal(() => (first as RcString).toString(), 'ERR_FREEHOLD_USE_AFTER_FREE');
    list.release();
    string.release();
    ground.assertEmpty();
  });

  test('elements that are not there, and values that are none, are refused, and nothing changes', () => {
    const ground = make();
    const { allocator } = ground;
    const list = List.from([1, 'two'], { allocator });
    for (const at of [-1, 2, 0.5, NaN, Infinity, 2 ** 32, '0', null, undefined] as never[]) {
      refusal(() => list.get(at), INVALID);
      refusal(() => list.kind(at), INVALID);
      for (const value of [1, 'text', list]) refusal(() => list.set(at, value), INVALID);
    }
    for (const none of [undefined, {}, [], 7n, Symbol(), Value.string(64)] as never[]) {
      refusal(() => list.push(none), INVALID);
      refusal(() => list.set(1, none), INVALID);
      if (!Array.isArray(none)) refusal(() => List.from([none], { allocator }), INVALID);
    }
    using other = new Heap();
    using foreign = List.create({ allocator: other });
    refusal(() => list.push(foreign), INVALID);
    expect([list.toArray(), list.refCount, foreign.refCount]).toEqual([[1, 'two'], 1, 1]);
    list.release();
    ground.assertEmpty();
  });

  test('what was released is refused, and so is a second release', () => {
    const ground = make();
    const list = List.from([1], { allocator: ground.allocator });
    const other = list.share();
    list.release();
    for (const use of [
      () => list.length,
      () => list.capacity,
      () => list.push(1),
      () => list.pop(),
      () => list.get(0),
      () => list.kind(0),
      () => list.set(0, 1),
      () => list.clear(),
      () => list[Symbol.iterator](),
      () => list.toArray(),
      () => list.share(),
      () => list.refCount,
      () => list.handle,
      () => list.address,
      () => list.allocator,
      () => list.isSame(other),
      () => other.isSame(list),
      () => other.push(list),
    ])
      refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => list.release(), 'ERR_FREEHOLD_DOUBLE_FREE');
    list[Symbol.dispose]();
    expect(inspect(list)).toBe('List { released }');
    expect([other.length, other.refCount]).toEqual([1, 1]);
    other.release();
    ground.assertEmpty();
  });
});

test.each([RcHeap, Heap])('a chain of 50,000 lists is released without recursion', (Allocator) => {
  using allocator = new Allocator();
  let list = List.create({ allocator });
  for (let depth = 0; depth < 50_000; depth++) {
    const outer = List.from([list], { allocator });
    list.release();
    list = outer;
  }
  list.release();
  expect(allocator.stats().blocks).toBe(0);
});

test('arrays among the elements become lists, also where they contain each other', () => {
  using heap = new RcHeap();
  const shared = ['shared'];
  const values: NestedInput[] = [1, [2, shared, []], shared];
  values.push(values);
  const list = List.from(values, { allocator: heap });
  const [first, nested, again, self] = list.toArray() as [
    number,
    [number, string[], unknown[]],
    string[],
    unknown,
  ];
  expect([first, nested[0], nested[1], nested[2]]).toEqual([1, 2, ['shared'], []]);
  expect(again).toBe(nested[1]);
  expect(Array.isArray(self) && self.length).toBe(4);
  list.release();
  heap.collect();
  expect([heap.stats().blocks, heap.check()]).toEqual([0, true]);
  refusal(
    () => List.from([1, [Symbol('no value') as never]], { allocator: heap }),
    'ERR_FREEHOLD_INVALID_ARGUMENT',
  );
  heap.collect();
  expect(heap.stats().blocks).toBe(0);
});

describe('a list over an RcHeap', () => {
  test('that is in itself, or in a list that is in it, is found by a collection, with all that it has', () => {
    using heap = new RcHeap();
    const one = List.from([1, 'one'], { allocator: heap });
    const two = List.from(['two', one], { allocator: heap });
    one.push(two);
    one.push(one);
    const strings = Array.from({ length: 40 }, (_, each) => `text ${each}`);
    for (const each of strings) two.push(each);
    two.release();
    heap.collect();
    expect(one.length).toBe(4);
    const again = one.get(2) as List;
    expect(again.length).toBe(42);
    again.release();
    one.release();
    expect(heap.stats().blocks).toBeGreaterThan(0);
    heap.collect();
    expect([heap.stats().blocks, heap.stats().edges, heap.check()]).toEqual([0, 0, true]);
  });

  test('has arrays that contain each other as its elements do', () => {
    using heap = new RcHeap();
    using one = List.from([1], { allocator: heap });
    using two = List.from([one, one], { allocator: heap });
    one.push(two);
    const [first, second] = two.toArray() as [unknown[], unknown[]];
    expect([first === second, first[0]]).toEqual([true, 1]);
    expect((first[1] as unknown[])[0]).toBe(first);
    expect([one.refCount, two.refCount]).toEqual([3, 2]);
    expect(inspect(one)).toContain('Circular');
    expect(() => JSON.stringify(one)).toThrow(TypeError);
  });

  test('has the layout that is documented for C', () => {
    using heap = new RcHeap();
    using string = RcString.from('text', { allocator: heap });
    using list = List.from([-2, 0.5, string, true], { allocator: heap });
    const body = heap.view(heap.peekRef(list.handle, 0));
    const head = heap.view(list.handle);
    expect([head.length, list.address]).toEqual([16, head.address]);
    expect([head.readBigUInt64LE(0), head.readUInt32LE(8), head.readUInt32LE(12)]).toEqual([
      body.address,
      7,
      0,
    ]);
    expect([body.length, list.capacity]).toEqual([64, 7]);
    expect(Array.from({ length: 5 }, (_, index) => body.readBigUInt64LE(8 * index))).toEqual([
      4n,
      Value.encode(-2),
      Value.encode(0.5),
      Value.encode(Value.string(string.handle)),
      Value.encode(true),
    ]);
    for (let each = 0; each < 4; each++) list.push(each);
    const moved = heap.view(heap.peekRef(list.handle, 0));
    expect([head.readBigUInt64LE(0), head.readUInt32LE(8), head.readUInt32LE(12)]).toEqual([
      moved.address,
      15,
      1,
    ]);
    expect([moved.readBigUInt64LE(0), moved.readBigUInt64LE(8)]).toEqual([8n, Value.encode(-2)]);
  });

  test('has references of its strings and lists only where there are some', () => {
    using heap = new RcHeap();
    using list = List.from(Array.from({ length: 100 }).fill(1) as number[], { allocator: heap });
    expect(heap.stats().edges).toBe(1);
    expect(heap.refSlots(heap.peekRef(list.handle, 0))).toBe(0);
    list.push('text');
    expect(heap.stats().edges).toBe(2);
    list.set(0, list);
    expect([heap.peekRef(heap.peekRef(list.handle, 0), 0), heap.stats().edges]).toEqual([list.handle, 3]);
    list.set(0, 1);
    expect([list.refCount, heap.stats().edges]).toEqual([1, 2]);
  });

  test('goes through handles and back, and what is no list does not', () => {
    using heap = new RcHeap();
    const list = List.from([1, 2], { allocator: heap });
    const { handle } = list;
    heap.retain(handle);
    list.release();
    using again = List.adopt(heap, handle);
    expect(again.toArray()).toEqual([1, 2]);
    using string = RcString.from('eleven byte', { allocator: heap });
    using block = heap.alloc(16, { refs: 1 });
    for (const none of [string.handle, block.handle, heap.peekRef(handle, 0)])
      refusal(() => List.adopt(heap, none), INVALID);
    for (const none of [0, 5, -1, 0.5, '64', null] as never[])
      refusal(() => List.adopt(heap, none), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => List.adopt({} as never, handle), INVALID);
  });

  test('is used by callbacks of what dies in it, and is what both make of it', () => {
    using heap = new RcHeap();
    using list = List.create({ allocator: heap });
    const doomed = (onDispose: () => void): RcString => {
      const string = RcString.from('doomed', { allocator: heap });
      heap.onDispose(string.handle, onDispose);
      return string;
    };
    const put = (string: RcString): void => {
      list.push(string);
      string.release();
    };
    // A callback that makes the list move while an element is replaced, and one that empties it while it is cleared.
    put(doomed(() => Array.from({ length: 50 }, (_, each) => list.push(`more ${each}`))));
    list.set(0, 'new');
    expect([list.length, list.toArray()[0], list.toArray()[50]]).toEqual([51, 'new', 'more 49']);
    list.clear();
    for (let each = 0; each < 3; each++)
      put(
        doomed(() => {
          for (let value = list.pop(); value !== undefined; value = list.pop()) (value as RcString).release();
        }),
      );
    list.clear();
    expect([list.length, heap.stats().blocks]).toEqual([0, 2]);
    put(doomed(() => list.push('again')));
    (list.pop() as RcString).release();
    expect(list.toArray()).toEqual(['again']);
    expect(heap.check()).toBe(true);
  });

  test('grows while collections go on by themselves, whose callbacks make it grow', () => {
    using heap = new RcHeap({ maxPauseMs: 0 });
    const lists = Array.from({ length: 300 }, () => List.create({ allocator: heap }));
    const expected = lists.map((): (number | string)[] => []);
    let called = 0;
    const put = (which: number, value: number | string): void => {
      expected[which][lists[which].push(value) - 1] = value;
    };
    for (let each = 0; each < 30_000; each++) {
      const ring = heap.allocHandle(16, 1);
      heap.setRef(ring, 0, ring);
      heap.onDispose(ring, () => {
        for (let which = called++ % 300, more = 0; more < 3; more++) put(which, `callback ${called}`);
      });
      heap.release(ring);
      put(each % 300, each % 2 === 0 ? each : `text ${each}`);
    }
    heap.collect();
    expect([called, heap.check()]).toEqual([30_000, true]);
    for (const [which, list] of lists.entries()) {
      expect(list.toArray()).toEqual(expected[which]);
      list.release();
    }
    expect(heap.stats().blocks).toBe(0);
  });

  test('grows anew when a collection that its growth has driven on calls back, which changes it', () => {
    using heap = new RcHeap({ maxPauseMs: 0 });
    using list = List.create({ allocator: heap });
    const expected = Array.from({ length: 4095 }, (_, each) => `text ${each}`);
    for (const text of expected) list.push(text);
    expect([list.capacity, list.length]).toEqual([4095, 4095]);
    let called = 0;
    for (let each = 0; each < 4000; each++) {
      const ring = heap.allocHandle(16, 1);
      heap.setRef(ring, 0, ring);
      heap.onDispose(ring, () => {
        const value = `callback ${called}`;
        if (called % 2 === 0) expected[list.push(value) - 1] = value;
        else list.set(called, (expected[called] = value));
        called++;
      });
      heap.release(ring);
    }
    expect([heap.collect({ maxPauseMs: 0 }), called]).toEqual([false, 0]);
    expected[list.push('last') - 1] = 'last';
    expect(called).toBeGreaterThan(0);
    heap.collect();
    expect([called, heap.check()]).toEqual([4000, true]);
    expect(list.toArray()).toEqual(expected);
    list.release();
    expect(heap.stats().blocks).toBe(0);
  });

  test('is as it was when the heap refuses a reference', () => {
    using heap = new RcHeap();
    const list = List.from(['0', 1, 2, 3, 4, 5, 6], { allocator: heap });
    const { blocks } = heap.stats();
    const refuse = (operation: 'setRef' | 'moveRef', use: () => unknown): void => {
      const spy = vi.spyOn(RcHeap.prototype, operation).mockImplementationOnce(() => {
        throw new FreeholdError('ERR_FREEHOLD_LIMIT', 'held 2^31-1 times');
      });
      refusal(use, 'ERR_FREEHOLD_LIMIT');
      spy.mockRestore();
      expect([list.toArray(), heap.stats().blocks, heap.check()]).toEqual([
        ['0', 1, 2, 3, 4, 5, 6],
        blocks,
        true,
      ]);
    };
    refuse('moveRef', () => list.set(0, 'zero'));
    refuse('moveRef', () => list.set(1, 'one'));
    refuse('setRef', () => list.push(7)); // The growth.
    refuse('moveRef', () => list.push(7));
    list.push(7);
    refuse('moveRef', () => (list.pop(), list.push('seven')));
    list.release();
    expect(heap.stats().blocks).toBe(0);
  });

  test('is changed when a callback has thrown, and nothing is lost', () => {
    using heap = new RcHeap();
    const list = List.create({ allocator: heap });
    const put = (): void => {
      using string = RcString.from('doomed', { allocator: heap });
      heap.onDispose(string.handle, () => {
        throw new Error('from the callback');
      });
      list.push(string);
    };
    put();
    expect(() => list.set(0, 'new')).toThrow('from the callback');
    expect(list.toArray()).toEqual(['new']);
    put();
    expect(() => list.set(1, 7)).toThrow('from the callback');
    put();
    expect(() => list.clear()).toThrow('from the callback');
    expect(list.toArray()).toEqual(['new', 7]);
    put();
    expect(() => list.release()).toThrow('from the callback');
    expect([heap.stats().blocks, heap.check()]).toEqual([0, true]);
  });

  test('says when something else has written to its memory', () => {
    using heap = new RcHeap();
    using list = List.from([1, 'two'], { allocator: heap });
    const body = heap.view(heap.peekRef(list.handle, 0));
    const corrupt = (use: () => unknown): void => void refusal(use, 'ERR_FREEHOLD_CORRUPTION');
    body.writeUInt16LE(0xfffc, 8 + 6);
    corrupt(() => list.get(0));
    body.writeUInt16LE(0xffff, 8 + 6);
    corrupt(() => list.get(0));
    body.writeUInt16LE(0xfffd, 16 + 6);
    corrupt(() => list.get(1));
    using inner = List.create({ allocator: heap });
    list.push(inner);
    body.writeUInt16LE(0xfffc, 24 + 6);
    corrupt(() => list.get(2));
    list.set(2, 3);
    expect([inner.refCount, list.pop()]).toEqual([1, 3]);
    body.writeUInt32LE(8, 0);
    corrupt(() => list.length);
    corrupt(() => list.push(1));
    body.writeUInt32LE(2, 0);
    list.set(0, 1);
    list.set(1, 2);
    expect([list.toArray(), heap.stats().blocks]).toEqual([[1, 2], 4]);
  });
});

describe('a list over an arena', () => {
  test('has addresses where an RcHeap has handles', () => {
    using arena = new Arena();
    using string = RcString.from('text', { allocator: arena });
    using inner = List.create({ allocator: arena });
    using list = List.from([string, inner], { allocator: arena });
    expect([list.handle, string.handle]).toEqual([0, 0]);
    const { bytes } = string;
    const memory = new DataView(bytes.buffer);
    const at = (address: bigint): number => bytes.byteOffset + Number(address - string.address);
    const body = at(memory.getBigUint64(at(list.address), true));
    expect(memory.getBigUint64(body, true)).toBe(2n);
    expect(memory.getBigUint64(body + 8, true)).toBe((0xfffcn << 48n) | (string.address - 4n));
    expect(memory.getBigUint64(body + 16, true)).toBe((0xfffdn << 48n) | inner.address);
  });

  test('ends with it', () => {
    using arena = new Arena();
    using list = List.from([1, 'two'], { allocator: arena });
    const kept = list.get(1);
    arena.reset();
    for (const use of [
      () => list.length,
      () => list.push(1),
      () => list.push('text'),
      () => list.get(0),
      () => list.clear(),
      () => (kept as RcString).toString(),
    ])
      refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(inspect(list)).toBe('List { gone }');
  });
});

describe('arguments and receivers', () => {
  test('that make no sense are refused', () => {
    for (const none of [undefined, null, 7, 'text', {}] as never[]) refusal(() => List.from(none), INVALID);
    refusal(() => List.create({ capacity: -1 }), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => List.create({ capacity: 2 ** 32 }), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => List.create({ room: 1 } as never), INVALID);
    refusal(() => new List({} as never), INVALID);
    using heap = new RcHeap({ limitBytes: 1000 });
    refusal(() => List.create({ allocator: heap, capacity: 1000 }), 'ERR_FREEHOLD_LIMIT');
    const values: ListInput[] = Array.from({ length: 200 }, (_, each) => each);
    refusal(() => List.from(values, { allocator: heap }), 'ERR_FREEHOLD_LIMIT');
    expect([heap.stats().blocks, heap.check()]).toEqual([0, true]);
  });

  test('of other kinds give ERR_FREEHOLD_INVALID_RECEIVER', () => {
    const members = Object.getOwnPropertyDescriptors(List.prototype) as PropertyDescriptorMap;
    for (const key of Reflect.ownKeys(members)) {
      if (key === 'constructor' || key === inspect.custom) continue;
      const { value, get } = members[key as string];
      for (const none of [{}, null, List.prototype])
        refusal(
          () => Reflect.apply((get ?? value) as () => unknown, none, [0]),
          'ERR_FREEHOLD_INVALID_RECEIVER',
        );
    }
  });
});
