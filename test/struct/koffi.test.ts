import koffi from 'koffi';
import { expect, test } from 'vitest';
import {
  Heap,
  addressOf,
  arrayOf,
  blockOf,
  cString,
  create,
  f32,
  f64,
  i16,
  i64,
  sizeOf,
  struct,
  toObject,
  u32,
  u8,
} from 'freehold';

// koffi knows C's rules itself: the same struct, declared twice.
const ours = struct({
  tag: u8,
  at: struct({ x: f64, y: f32 }),
  counts: arrayOf(i16, 3),
  id: i64,
  name: cString(10),
  flags: u32,
});
const theirs = koffi.struct({
  tag: 'uint8_t',
  at: koffi.struct({ x: 'double', y: 'float' }),
  counts: koffi.array('int16_t', 3),
  id: 'int64_t',
  name: koffi.array('char', 10, 'String'),
  flags: 'uint32_t',
});
const value = {
  tag: 200,
  at: { x: Math.PI, y: 0.5 },
  counts: [-1, 2, -3],
  id: -5,
  name: 'h\u00e9llo',
  flags: 0xffff_fff0,
};

test('koffi reads what is written here, at the address of the struct and in its block', () => {
  using heap = new Heap();
  using p = create(heap, ours, value);
  expect(koffi.sizeof(theirs)).toBe(sizeOf(ours));
  expect(koffi.decode(addressOf(p), theirs)).toEqual({ ...value, counts: Int16Array.from(value.counts) });
  expect(koffi.decode(blockOf(p), theirs)).toEqual({ ...value, counts: Int16Array.from(value.counts) });
});

test('what koffi writes is read here', () => {
  using heap = new Heap();
  using p = create(heap, ours);
  koffi.encode(addressOf(p), theirs, { ...value, tag: 7 });
  expect(toObject(p)).toEqual({ ...value, tag: 7, id: -5n });
});

test('a function of C takes the address of a struct', () => {
  using heap = new Heap();
  const libc = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
  const memset = libc.func('void *memset(uintptr_t, int, size_t)');
  using p = create(heap, ours, value);
  memset(addressOf(p.at), 0, sizeOf(ours.fields[1].type));
  expect(toObject(p)).toEqual({ ...value, at: { x: 0, y: 0 }, id: -5n });
});
