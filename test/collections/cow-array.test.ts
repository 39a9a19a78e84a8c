import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, CowArray, RcHeap, type TypedArrayConstructor, defaultRcHeap } from 'freehold';
import { collectUntil } from '../lib/collect.ts';
import { refusal } from '../lib/codes.ts';
import { grounds } from './lib/allocators.ts';

const INVALID = 'ERR_FREEHOLD_INVALID_ARGUMENT';
const { Float16Array } = globalThis as { Float16Array?: TypedArrayConstructor };
const CLASSES: TypedArrayConstructor[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  ...(Float16Array === undefined ? [] : [Float16Array]),
];

const command = fc.oneof(
  fc.record({ kind: fc.constant('copy' as const), array: fc.nat(5) }),
  fc.record({
    kind: fc.constant('set' as const),
    array: fc.nat(5),
    at: fc.nat(6),
    value: fc.integer({ min: -9, max: 9 }),
  }),
  fc.record({
    kind: fc.constant('writable' as const),
    array: fc.nat(5),
    value: fc.integer({ min: -9, max: 9 }),
  }),
  fc.record({ kind: fc.constant('release' as const), array: fc.nat(5) }),
);

describe.each(grounds)('over %s', (_name, make) => {
  test('no program makes copies see each other change, and nothing is left of them', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (program) => {
        const ground = make();
        const { allocator } = ground;
        const models = [
          { array: CowArray.from(Int16Array, [1, 2, 3, 4, 5, 6], { allocator }), values: [1, 2, 3, 4, 5, 6] },
        ];
        for (const each of program) {
          const model = models[each.array % models.length];
          const { array, values } = model;
          if (each.kind === 'copy') models.push({ array: array.copy(), values: [...values] });
          else if (each.kind === 'set' && each.at < values.length) {
            array.set(each.at, each.value);
            values[each.at] = each.value;
          } else if (each.kind === 'writable') {
            array.writable().fill(each.value);
            values.fill(each.value);
            assert.equal(array.refCount, 1);
          } else if (each.kind === 'release' && models.length > 1) {
            array.release();
            models.splice(models.indexOf(model), 1);
          }
          for (const { array: own, values: expected } of models) assert.deepEqual([...own.view], expected);
        }
        for (const { array } of models) array.release();
        ground.assertEmpty();
        allocator[Symbol.dispose]();
      }),
      { numRuns: 80 },
    );
  });

  test('a copy costs no memory until one of the two is written to', () => {
    const ground = make();
    const { allocator } = ground;
    const before = CowArray.from(Float64Array, [1, 2, 3], { allocator });
    const after = before.copy();
    expect([before.refCount, after.address]).toEqual([2, before.address]);
    expect(after.get(0)).toBe(1);
    after.set(0, 10);
    expect(after.address === before.address).toBe(false);
    expect([before.refCount, after.refCount, before.get(0), after.get(0)]).toEqual([1, 1, 1, 10]);
    const { address } = before;
    before.set(1, 20);
    expect(before.address).toBe(address);
    expect([[...before], [...after]]).toEqual([
      [1, 20, 3],
      [10, 2, 3],
    ]);
    before.release();
    after.release();
    ground.assertEmpty();
  });

  test('what was released is refused, and so is a second release', () => {
    const ground = make();
    const array = CowArray.of(Uint8Array, 4, { allocator: ground.allocator });
    const copy = array.copy();
    array.release();
    for (const use of [
      () => array.length,
      () => array.type,
      () => array.get(0),
      () => array.set(0, 1),
      () => array.view,
      () => array.writable(),
      () => array[Symbol.iterator](),
      () => array.copy(),
      () => array.refCount,
      () => array.handle,
      () => array.address,
      () => array.allocator,
      () => array.toJSON(),
    ])
      refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => array.release(), 'ERR_FREEHOLD_DOUBLE_FREE');
    array[Symbol.dispose]();
    expect(inspect(array)).toBe('CowArray { released }');
    expect(copy.refCount).toBe(1);
    copy.release();
    ground.assertEmpty();
  });
});

describe('an array', () => {
  test.each(CLASSES)('of %o has its elements', (Class) => {
    using array = CowArray.from(Class as Float64ArrayConstructor, [1, 2.75, 100]);
    const expected = new (Class as Float64ArrayConstructor)([1, 2.75, 100]);
    expect([array.length, array.type, array.get(1)]).toEqual([3, Class, expected[1]]);
    expect(array.view).toEqual(expected);
    expect([...array]).toEqual([...expected]);
    expect(JSON.stringify(array)).toBe(JSON.stringify([...expected]));
    expect(inspect(array)).toBe(`CowArray ${inspect(expected)}`);
    using zeros = CowArray.of(Class, 5);
    expect([...zeros]).toEqual([0, 0, 0, 0, 0]);
  });

  test('of 64-bit integers has bigints and takes nothing else', () => {
    using array = CowArray.from(BigInt64Array, [1n, -(2n ** 63n)]);
    expect([array.get(1), JSON.stringify(array)]).toEqual([-(2n ** 63n), '["1","-9223372036854775808"]']);
    refusal(() => array.set(0, 1 as never), INVALID);
    using numbers = CowArray.of(Int32Array, 1);
    for (const none of [1n, '1', null, undefined, {}] as never[])
      refusal(() => numbers.set(0, none), INVALID);
    refusal(() => CowArray.from(BigUint64Array, [1 as never]), INVALID);
    refusal(() => CowArray.from(Int8Array, [1n as never]), INVALID);
    using zeros = CowArray.of(BigUint64Array, 2);
    expect([...zeros]).toEqual([0n, 0n]);
  });

  test('is zeroed where the memory was used before', () => {
    using heap = new RcHeap();
    for (let round = 0; round < 3; round++) {
      using array = CowArray.of(Uint8Array, 100, { allocator: heap });
      expect(array.view.every((byte) => byte === 0)).toBe(true);
      array.writable().fill(0xaa);
    }
  });

  test('may be empty, or as large as there is memory', () => {
    using heap = new RcHeap();
    const empty = CowArray.of(Float64Array, 0, { allocator: heap });
    const large = CowArray.of(Float64Array, 100_000, { allocator: heap });
    const copy = large.copy();
    copy.set(99_999, 7);
    expect([empty.length, [...empty], large.get(99_999), copy.get(99_999)]).toEqual([0, [], 0, 7]);
    for (const array of [empty, large, copy]) array.release();
    expect([heap.stats().blocks, heap.stats().large]).toEqual([0, 0]);
  });

  test('has the layout that is documented for C', () => {
    using heap = new RcHeap();
    using array = CowArray.from(Int16Array, [1, -1, 2], { allocator: heap });
    const block = heap.view(array.handle);
    expect([...block]).toEqual([3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0xff, 0xff, 2, 0]);
    expect(array.address).toBe(block.address + 8n);
  });

  test('that a block of its heap refers to is shared: a write makes a copy', () => {
    using heap = new RcHeap();
    using owner = heap.alloc(8, { refs: 1 });
    using array = CowArray.from(Uint8Array, [1], { allocator: heap });
    const { handle } = array;
    owner.setRef(0, null);
    heap.setRef(owner.handle, 0, handle);
    array.set(0, 2);
    expect(array.handle === handle).toBe(false);
    expect([heap.view(handle)[8], array.get(0)]).toEqual([1, 2]);
  });

  test('is as it was when there is no memory for a copy', () => {
    using heap = new RcHeap({ limitBytes: 160 });
    const array = CowArray.of(Uint8Array, 100, { allocator: heap });
    const copy = array.copy();
    refusal(() => array.set(0, 1), 'ERR_FREEHOLD_LIMIT');
    refusal(() => copy.writable(), 'ERR_FREEHOLD_LIMIT');
    expect([array.refCount, array.get(0)]).toEqual([2, 0]);
    copy.release();
    array.set(0, 1);
    array.release();
    expect(heap.stats().blocks).toBe(0);
  });

  test('ends with its arena', () => {
    using arena = new Arena();
    using array = CowArray.of(Uint8Array, 3, { allocator: arena });
    arena.reset();
    for (const use of [() => array.get(0), () => array.set(0, 1), () => array.view, () => array.copy()])
      refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(inspect(array)).toBe('CowArray { gone }');
  });

  test('that a program drops is released; its view keeps it', async () => {
    using heap = new RcHeap();
    const kept: { view?: Uint8Array } = { view: CowArray.from(Uint8Array, [7], { allocator: heap }).view };
    CowArray.of(Uint8Array, 1, { allocator: heap });
    await collectUntil(() => heap.stats().blocks === 1);
    expect([kept.view![0], heap.stats().blocks]).toEqual([7, 1]);
    delete kept.view;
    await collectUntil(() => heap.stats().blocks === 0);
    expect(heap.stats().blocks).toBe(0);
  });
});

describe('arguments and receivers', () => {
  test('that make no sense are refused', () => {
    using array = CowArray.of(Uint8Array, 2);
    for (const at of [-1, 2, 0.5, NaN, '0', null, undefined] as never[]) {
      refusal(() => array.get(at), INVALID);
      refusal(() => array.set(at, 1), INVALID);
    }
    for (const none of [Array, DataView, class extends Uint8Array {}, null, 'Uint8Array'] as never[]) {
      refusal(() => CowArray.of(none, 1), INVALID);
      refusal(() => CowArray.from(none, [1] as never), INVALID);
    }
    for (const none of [-1, 0.5, NaN, 2 ** 53, '1', null] as never[])
      refusal(() => CowArray.of(Uint8Array, none), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => CowArray.of(Float64Array, 2 ** 52), 'ERR_FREEHOLD_INVALID_SIZE');
    for (const none of [null, 7, {}, undefined] as never[])
      refusal(() => CowArray.from(Uint8Array, none), INVALID);
    refusal(() => CowArray.of(Uint8Array, 1, { allocater: 1 } as never), INVALID);
    refusal(() => new CowArray(Uint8Array, {} as never, new Uint8Array()), INVALID);
    array.release();
    expect(defaultRcHeap().stats().blocks).toBe(0);
  });

  test('of other kinds give ERR_FREEHOLD_INVALID_RECEIVER', () => {
    const members = Object.getOwnPropertyDescriptors(CowArray.prototype) as PropertyDescriptorMap;
    for (const key of Reflect.ownKeys(members)) {
      if (key === 'constructor' || key === inspect.custom) continue;
      const { value, get } = members[key as string];
      for (const none of [{}, null, CowArray.prototype])
        refusal(
          () => Reflect.apply((get ?? value) as () => unknown, none, [0]),
          'ERR_FREEHOLD_INVALID_RECEIVER',
        );
    }
  });
});
