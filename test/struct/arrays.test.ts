import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  Heap,
  RcHeap,
  addressOf,
  arrayOf,
  cString,
  create,
  destroy,
  f64,
  i16,
  i64,
  isAlive,
  struct,
  toObject,
  u16,
  u32,
  u64,
  u8,
} from 'freehold';
import { refusal } from '../lib/codes.ts';

const heap = new Heap();
const point = struct({ x: f64, n: u16, name: cString(4) }, { name: 'point' });

describe('an array of structs', () => {
  test('has them one after another in one zeroed block', () => {
    const before = heap.stats().blocks;
    const points = point.array(heap, 1000);
    expect([points.length, heap.stats().blocks]).toEqual([1000, before + 1]);
    points.get(999).x = 5;
    points.set(1, { n: 7, name: 'one' });
    expect(addressOf(points.get(3)) - addressOf(points)).toBe(3n * 16n);
    expect(toObject(points).slice(0, 2)).toEqual([
      { x: 0, n: 0, name: '' },
      { x: 0, n: 7, name: 'one' },
    ]);
    expect([...points].reduce((sum, each) => sum + each.x + each.n, 0)).toBe(12);
    destroy(points);
    expect(heap.stats().blocks).toBe(before);
    refusal(() => destroy(points), 'ERR_FREEHOLD_DOUBLE_FREE');
  });

  test('gives the same object for an element each time, and one cursor for all', () => {
    const points = point.array(heap, 3);
    expect(points.get(1)).toBe(points.get(1));
    const cursor = points.at(0);
    for (let index = 0; index < 3; index++) {
      expect(points.at(index)).toBe(cursor);
      points.at(index).x = index;
    }
    expect([points.get(0).x, points.get(1).x, points.get(2).x, cursor.x]).toEqual([0, 1, 2, 2]);
    expect(points.get(2) === cursor).toBe(false);
    destroy(points);
    refusal(() => cursor.x, 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => points.at(1).x, 'ERR_FREEHOLD_USE_AFTER_FREE');
  });

  test('moves the parts of the cursor with it', () => {
    const row = struct({
      id: u8,
      cells: arrayOf(struct({ v: u8 }), 2),
      in: struct({ deep: struct({ w: u8 }) }),
    });
    const rows = row.array(heap, 3);
    for (let index = 0; index < 3; index++)
      rows.set(index, {
        id: index,
        cells: [{ v: index }, { v: 10 + index }],
        in: { deep: { w: 20 + index } },
      });
    const cursor = rows.at(0);
    const [cell, deep] = [cursor.cells.get(1), cursor.in.deep];
    for (const index of [2, 0, 1]) {
      rows.at(index);
      expect([cursor.id, cell.v, deep.w, cursor.cells.at(0).v]).toEqual([
        index,
        10 + index,
        20 + index,
        index,
      ]);
    }
  });

  test('has no other elements than its own', () => {
    const points = point.array(heap, 3);
    for (const index of [3, -1, 0.5, NaN, Infinity, 2 ** 32, '1', null, undefined, 1n]) {
      for (const use of [
        () => points.get(index as number),
        () => points.at(index as number),
        () => points.set(index as number, {}),
      ])
        refusal(use, 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
    const none = point.array(heap, 0);
    expect([none.length, [...none], isAlive(none)]).toEqual([0, [], true]);
    refusal(() => none.at(0), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    destroy(none);
    refusal(() => destroy(none), 'ERR_FREEHOLD_DOUBLE_FREE');
  });

  test('has a length that makes sense, and fits small integers', () => {
    for (const length of [-1, 0.5, NaN, '3', 2 ** 31, 2 ** 53])
      refusal(() => point.array(heap, length as number), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => point.array({} as never, 1), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('of elements that are 3 bytes apart has its numbers at any offset', () => {
    const odd = struct({ a: u8, n: u16 }, { packed: true });
    const list = odd.array(heap, 5);
    for (let index = 0; index < 5; index++) list.at(index).n = 1000 + index;
    expect(toObject(list).map(({ n }) => n)).toEqual([1000, 1001, 1002, 1003, 1004]);
    const large = struct({ a: u8, n: u64 }, { packed: true }).array(heap, 5);
    for (let index = 0; index < 5; index++) large.at(index).n = BigInt(index) << 60n;
    expect([...large].map(({ n }) => n)).toEqual([0n, 1n << 60n, 2n << 60n, 3n << 60n, 4n << 60n]);
  });
});

describe('an array in a struct', () => {
  const matrix = struct({ id: u8, m: arrayOf(arrayOf(i16, 2), 3), big: arrayOf(i64, 2) });

  test('is read and written by its elements, and by whatever gives values', () => {
    const p = create(heap, matrix, { m: [[1, 2], [3]], big: new Set([5, 6n]) });
    expect(toObject(p)).toEqual({
      id: 0,
      m: [
        [1, 2],
        [3, 0],
        [0, 0],
      ],
      big: [5n, 6n],
    });
    expectTypeOf(p.m.get(0).get(0)).toEqualTypeOf<number>();
    p.m.get(2).set(1, -7);
    p.m.set(0, [9]);
    expect(toObject(p.m)).toEqual([
      [9, 0],
      [3, 0],
      [0, -7],
    ]);
    p.m = [[1]] as never;
    expect(toObject(p.m)).toEqual([
      [1, 0],
      [0, 0],
      [0, 0],
    ]);
    const q = create(heap, matrix, { m: [[4, 5]] });
    p.m = q.m;
    Reflect.set(p, 'big', p.big);
    expect(toObject(p).m).toEqual([
      [4, 5],
      [0, 0],
      [0, 0],
    ]);
  });

  test('refuses what does not fit, and then nothing is written', () => {
    const p = create(heap, matrix, { big: [1n, 2n] });
    function* endless() {
      for (;;) yield 1n;
    }
    for (const values of [[1n, 2n, 3n], endless()])
      refusal(() => (p.big = values as never), 'ERR_FREEHOLD_INVALID_SIZE');
    for (const values of [[3n, 'x'], [3n, undefined], 5, null, {}, p])
      refusal(() => (p.big = values as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => p.big.set(0, 2n ** 63n), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(toObject(p.big)).toEqual([1n, 2n]);
  });

  test('of numbers is a typed array, too', () => {
    const p = create(heap, struct({ a: u8, list: arrayOf(u32, 3), big: arrayOf(u64, 2) }), {
      list: [1, 2, 3],
    });
    const list = p.list.typed() as Uint32Array;
    expect(list).toEqual(Uint32Array.of(1, 2, 3));
    list[1] = 9;
    expect(p.list.get(1)).toBe(9);
    expect(p.big.typed()).toEqual(BigUint64Array.of(0n, 0n));
    const packed = create(
      heap,
      struct({ a: u8, list: arrayOf(u32, 3), c: arrayOf(cString(2), 2) }, { packed: true }),
    );
    refusal(() => packed.list.typed(), 'ERR_FREEHOLD_INVALID_ALIGNMENT');
    refusal(() => packed.c.typed(), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    packed.list.set(2, 77);
    expect(packed.list.get(2)).toBe(77);
  });

  test('refuses receivers that are none', () => {
    const { m } = create(heap, matrix);
    const prototype = Object.getPrototypeOf(m) as object;
    for (const key of ['get', 'set', 'at', 'typed', 'length', Symbol.iterator]) {
      const { get, value } = Object.getOwnPropertyDescriptor(prototype, key)!;
      for (const receiver of [undefined, null, 5, {}, [], prototype, new Proxy(m, {}), Object.create(m)])
        refusal(() => ((get ?? value) as () => unknown).call(receiver), 'ERR_FREEHOLD_INVALID_RECEIVER');
    }
    const many = struct({ n: u8 }).array(heap, 150);
    expect(inspect(many)).toMatch(/^struct\[150\] \[[^]*\], and 50 more$/);
    expect(Reflect.get(many, 'constructor')).toBe(Object);
    destroy(many);
    expect(inspect(many)).toBe('struct[150] { destroyed }');
    expect(inspect(m)).toBe('arrayOf(arrayOf(i16, 2), 3) [ [ 0, 0 ], [ 0, 0 ], [ 0, 0 ] ]');
  });
});

describe('over bytes that are there', () => {
  test('a struct at any offset shows them, and writes them', () => {
    for (const offset of [0, 1, 3, 8]) {
      const memory = Buffer.alloc(64, 0xff);
      const p = struct({ n: u32, big: u64, d: f64, s: i16 }).view(memory, offset);
      p.n = 0x01020304;
      p.big = 2n ** 63n;
      p.d = -1.5;
      p.s = -2;
      expect([memory.readUInt32LE(offset), memory.readBigUInt64LE(offset + 8)]).toEqual([
        0x01020304,
        2n ** 63n,
      ]);
      expect([memory.readDoubleLE(offset + 16), memory.readInt16LE(offset + 24)]).toEqual([-1.5, -2]);
      memory.writeInt16LE(7, offset + 24);
      expect([p.n, p.big, p.d, p.s]).toEqual([0x01020304, 2n ** 63n, -1.5, 7]);
    }
  });

  test('of every kind', () => {
    const layout = struct({ a: u8, n: u64 });
    for (const memory of [
      new ArrayBuffer(16),
      new SharedArrayBuffer(16),
      new DataView(new ArrayBuffer(20), 3),
      new Float32Array(4),
      heap.alloc(16),
    ]) {
      const p = layout.view(memory);
      p.n = 5n;
      layout.write(memory, { a: 1, n: p.n + 1n });
      expect([layout.read(memory), p.a]).toEqual([{ a: 1, n: 6n }, 1]);
    }
    using counted = new RcHeap();
    expect(layout.view(counted.alloc(16)).n).toBe(0n);
  });

  test('write zeroes what is not given', () => {
    const memory = Buffer.alloc(20, 0xff);
    struct({ a: u8, n: u32 }).write(memory, { n: 1 }, 4);
    expect(memory.toString('hex')).toBe('ffffffff0000000001000000ffffffffffffffff');
    refusal(() => struct({ a: u8 }).write(memory, { a: 256 }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(memory[0]).toBe(255);
  });

  test('that are too few, or none, is refused', () => {
    const layout = struct({ a: u8, n: u32 });
    for (const [bytes, offset] of [
      [7, 0],
      [8, 1],
      [100, 93],
      [8, -1],
      [8, 0.5],
      [8, NaN],
      [8, 2 ** 53],
    ]) {
      const memory = new Uint8Array(bytes);
      refusal(() => layout.view(memory, offset), 'ERR_FREEHOLD_INVALID_SIZE');
      refusal(() => layout.read(memory, offset), 'ERR_FREEHOLD_INVALID_SIZE');
      refusal(() => layout.write(memory, {}, offset), 'ERR_FREEHOLD_INVALID_SIZE');
    }
    const gone = new ArrayBuffer(8);
    structuredClone(gone, { transfer: [gone] });
    refusal(() => layout.view(gone), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    for (const none of [null, undefined, 'x', [1, 2], 8])
      refusal(() => layout.view(none as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('beyond 2 GiB works as anywhere', () => {
    const memory = new ArrayBuffer(2 ** 31 + 4096);
    const layout = struct({ n: u32, big: u64, text: cString(4) });
    const plain = new DataView(memory);
    for (const offset of [2 ** 31 + 4, 2 ** 31 + 64]) {
      const p = layout.view(memory, offset);
      p.n = 5;
      p.big = 6n;
      p.text = 'abc';
      expect([p.n, p.big, p.text]).toEqual([5, 6n, 'abc']);
      expect([plain.getUint32(offset, true), plain.getBigUint64(offset + 8, true)]).toEqual([5, 6n]);
      expect(layout.read(memory, offset)).toEqual({ n: 5, big: 6n, text: 'abc' });
    }
  });
});
