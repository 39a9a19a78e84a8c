import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type StructArray,
  Heap,
  arrayOf,
  assign,
  bool,
  bytes,
  cString,
  char,
  create,
  f32,
  f64,
  i16,
  i32,
  i64,
  i8,
  isize,
  pointer,
  struct,
  toObject,
  u16,
  u32,
  u64,
  u8,
  union,
  usize,
} from 'freehold';
import { refusal } from '../lib/codes.ts';

const heap = new Heap();

describe('a number', () => {
  // The type, what it holds, what is next to that, and others that it is not.
  const limits = [
    ['u8', u8, 0, 255, [-1, 256]],
    ['i8', i8, -128, 127, [-129, 128]],
    ['u16', u16, 0, 65_535, [-1, 65_536]],
    ['i16', i16, -32_768, 32_767, [-32_769, 32_768]],
    ['u32', u32, 0, 2 ** 32 - 1, [-1, 2 ** 32]],
    ['i32', i32, -(2 ** 31), 2 ** 31 - 1, [-(2 ** 31) - 1, 2 ** 31]],
  ] as const;

  test.each(limits)(
    'of %s takes its range and refuses the rest, whoever writes it',
    (_name, type, least, most, beyond) => {
      const p = create(heap, struct({ before: u8, n: type, after: u8 }), { before: 255, after: 255 });
      const packed = create(heap, struct({ before: u8, n: type, after: u8 }, { packed: true }));
      const list = struct({ n: type }).array(heap, 2);
      for (const value of [least, most, 0, -0]) {
        p.n = packed.n = list.at(1).n = value;
        expect([p.n, packed.n, list.get(1).n]).toEqual(Array<number>(3).fill(value === 0 ? 0 : value));
      }
      p.n = most;
      const wrong = [...beyond, 0.5, NaN, Infinity, 1n, '1', true, null, undefined, { valueOf: () => 1 }];
      for (const value of wrong) {
        refusal(() => (p.n = value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
        refusal(() => (packed.n = value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
        refusal(() => assign(p, { n: value as number }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
        refusal(
          () => create(heap, struct({ n: type }), { n: value as number }),
          'ERR_FREEHOLD_INVALID_ARGUMENT',
        );
      }
      expect([p.before, p.n, p.after]).toEqual([255, most, 255]);
    },
  );

  test.each([
    ['i64', i64, -(2n ** 63n), 2n ** 63n - 1n, -(2n ** 63n) - 1n],
    ['u64', u64, 0n, 2n ** 64n - 1n, -1n],
    ['pointer', pointer, 0n, 2n ** 64n - 1n, -1n],
    ['usize', usize, 0n, 2n ** 64n - 1n, -1],
    ['isize', isize, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 63n],
  ] as const)('of %s is a bigint, and takes numbers that are exact', (_name, type, least, most, below) => {
    const p = create(heap, struct({ a: u8, n: type }));
    const packed = create(heap, struct({ a: u8, n: type }, { packed: true }));
    for (const holder of [p, packed] as { n: unknown }[]) {
      for (const value of [least, most, 0, 7, Number.MAX_SAFE_INTEGER]) {
        holder.n = value;
        expect(holder.n).toBe(BigInt(value));
      }
      for (const value of [below, most + 1n, 2 ** 53, 0.5, NaN, '1', null, undefined, {}])
        refusal(() => (holder.n = value), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      expect(holder.n).toBe(BigInt(Number.MAX_SAFE_INTEGER));
    }
  });

  test('with a fraction is any number; f32 rounds', () => {
    const p = create(heap, struct({ f: f32, d: f64 }));
    for (const value of [0.1, -0, Infinity, -Infinity, NaN, 5e-324, Number.MAX_VALUE]) {
      p.f = p.d = value;
      expect([p.f, p.d]).toEqual([Math.fround(value), value]);
    }
    for (const value of ['1', 1n, null, undefined, true, { valueOf: () => 1 }]) {
      refusal(() => (p.f = value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      refusal(() => (p.d = value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
  });
});

test('a bool is one, also over bytes that are neither 0 nor 1', () => {
  const flags = struct({ a: bool, b: bool });
  const memory = Buffer.from([7, 0]);
  const p = flags.view(memory);
  expect([p.a, p.b]).toEqual([true, false]);
  p.b = true;
  p.a = false;
  expect([...memory]).toEqual([0, 1]);
  for (const value of [1, 0, 'true', null, undefined, 1n])
    refusal(() => (p.a = value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
});

test('a char is one character of a byte', () => {
  const p = create(heap, struct({ c: char, word: arrayOf(char, 4) }), { word: 'ab' });
  expect([p.c, [...p.word]]).toEqual(['\0', ['a', 'b', '\0', '\0']]);
  for (const value of ['x', '\0', '\xff']) expect((p.c = value)).toBe(p.c);
  for (const value of ['', 'ab', '\u0100', '\u{1f600}', 65, null])
    refusal(() => (p.c = value as string), 'ERR_FREEHOLD_INVALID_ARGUMENT');
});

describe('a string', () => {
  const named = struct({ a: u8, name: cString(6), b: u8 });

  test('is UTF-8 that ends at a NUL, with the rest of the field zeroed', () => {
    const memory = Buffer.alloc(8, 0xee);
    const p = named.view(memory);
    p.name = 'h\u00e9';
    expect(memory.toString('hex')).toBe('ee68c3a9000000ee');
    for (const text of ['', 'a', '12345', '\u{1f600}']) {
      p.name = text;
      expect(p.name).toBe(text);
    }
    expect([p.a, p.b]).toEqual([0xee, 0xee]);
  });

  test('without a NUL ends with the field', () => {
    expect(named.view(Buffer.from('.abcdef.')).name).toBe('abcdef');
  });

  test('that is too long, or has a NUL, is refused and never cut off', () => {
    const p = create(heap, named, { name: 'old' });
    for (const text of ['123456', '\u00e9\u00e9\u00e9', '\ud800\ud800', 'x'.repeat(1e6)])
      refusal(() => (p.name = text), 'ERR_FREEHOLD_INVALID_SIZE');
    for (const text of ['a\0b', '\0', 5, null, undefined, new String('a'), Buffer.from('a')])
      refusal(() => (p.name = text as string), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(p.name).toBe('old');
  });
});

test('bytes are a Buffer over the very memory, and take exactly as many', () => {
  const memory = Buffer.alloc(6, 1);
  const p = struct({ a: u8, key: bytes(4), b: u8 }).view(memory);
  expect(Buffer.isBuffer(p.key)).toBe(true);
  p.key[1] = 9;
  expect(memory[2]).toBe(9);
  p.key = Uint16Array.of(0x0201, 0x0403) as never;
  expect([...memory]).toEqual([1, 1, 2, 3, 4, 1]);
  p.key = p.key.subarray(0, 4).reverse();
  expect([...p.key]).toEqual([4, 3, 2, 1]);
  for (const value of [Buffer.alloc(3), Buffer.alloc(5), new ArrayBuffer(0)])
    refusal(() => (p.key = value as never), 'ERR_FREEHOLD_INVALID_SIZE');
  for (const value of ['abcd', [1, 2, 3, 4], null, 4])
    refusal(() => (p.key = value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
});

describe('a struct in a struct', () => {
  const point = struct({ x: f64, y: f64 }, { name: 'point' });
  const line = struct({ from: point, to: point, colour: union({ rgba: u32, parts: arrayOf(u8, 4) }) });

  test('is over the same memory, and the same object each time', () => {
    const p = create(heap, line, { to: { x: 3 }, colour: { rgba: 0x04030201 } });
    expect(p.to).toBe(p.to);
    expect(p.to === p.from).toBe(false);
    p.from.x = 1;
    expect(toObject(p)).toEqual({
      from: { x: 1, y: 0 },
      to: { x: 3, y: 0 },
      colour: { rgba: 0x04030201, parts: [1, 2, 3, 4] },
    });
    p.colour.parts.set(3, 0xff);
    expect(p.colour.rgba).toBe(0xff030201);
  });

  test('is assigned as in C: the whole of another struct, or the fields that are named', () => {
    const p = create(heap, line, { from: { x: 1, y: 2 } });
    p.to = p.from;
    Reflect.set(p, 'from', p.from);
    p.from.x = 10;
    expect(toObject(p).to).toEqual({ x: 1, y: 2 });
    p.to = { x: 5 } as never;
    expect(toObject(p).to).toEqual({ x: 5, y: 2 });
    const other = create(heap, struct({ x: f64, y: f64 }, { name: 'vector' }));
    for (const value of [other, p, null, undefined, 5, [1, 2], Buffer.alloc(16)])
      refusal(() => (p.to = value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});

describe('what it is made of', () => {
  const particle = struct({ x: f64, charge: i32, name: cString(8) }, { name: 'particle' });

  test('is zero where nothing is given', () => {
    const dirty = heap.allocUnsafe(24).fill(0xff);
    heap.free(dirty);
    expect(toObject(create(heap, particle, { charge: 1 }))).toEqual({ x: 0, charge: 1, name: '' });
  });

  test('has names that are known; a wrong one is told the right one', () => {
    const wrong = refusal(
      () => create(heap, particle, { chrage: 1 } as never),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
    expect(wrong.message).toContain("did you mean 'charge'");
    refusal(() => assign(create(heap, particle), { toString: 1 } as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(
      () => create(heap, particle, JSON.parse('{"__proto__":1}') as never),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
    for (const none of [null, 5, 'x', [], Buffer.alloc(24), () => 1])
      refusal(() => create(heap, particle, none as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('is written all or not at all, and takes no block when it is refused', () => {
    const before = heap.stats().blocks;
    refusal(() => create(heap, particle, { x: 1, name: 'too long for it' }), 'ERR_FREEHOLD_INVALID_SIZE');
    expect(heap.stats().blocks).toBe(before);
    const p = create(heap, particle, { x: 1 });
    refusal(() => assign(p, { x: 2, charge: 0.5 }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(p.x).toBe(1);
  });

  test('names the field that a value does not fit', () => {
    const p = create(heap, particle);
    expect(() => (p.charge = 2 ** 31)).toThrow(
      'particle.charge takes a whole number from -2^31 to 2^31-1, but was given 2147483648',
    );
  });
});

test('the types of fields follow from the layout', () => {
  const layout = struct({
    n: u8,
    big: i64,
    flag: bool,
    text: cString(4),
    raw: bytes(4),
    list: arrayOf(f64, 2),
    in: struct({ deep: u32 }),
  });
  const p = create(heap, layout, { n: 1, big: 2, list: [1], in: { deep: 1 } });
  expectTypeOf(p.n).toEqualTypeOf<number>();
  expectTypeOf(p.big).toEqualTypeOf<bigint>();
  expectTypeOf(p.flag).toEqualTypeOf<boolean>();
  expectTypeOf(p.text).toEqualTypeOf<string>();
  expectTypeOf(p.raw).toEqualTypeOf<Buffer>();
  expectTypeOf(p.list).toEqualTypeOf<StructArray<typeof f64>>();
  expectTypeOf(p.list.get(0)).toEqualTypeOf<number>();
  expectTypeOf(p.in.deep).toEqualTypeOf<number>();
  expectTypeOf(toObject(p).in).toEqualTypeOf<{ deep: number }>();
  expectTypeOf(p).toExtend<Disposable>();
  // @ts-expect-error there is no such field
  refusal(() => create(heap, layout, { m: 1 }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  // @ts-expect-error a string is no number
  refusal(() => (p.n = 'x'), 'ERR_FREEHOLD_INVALID_ARGUMENT');
});
