import koffi from 'koffi';
import { describe, expect, test } from 'vitest';
import { Arena, CowArray, Heap, List, type PlainValue, RcString, StringBuilder } from 'freehold';

// What a C program reads: through addresses alone, as the layouts are documented.
const libc = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
const strlen = libc.func('size_t strlen(uintptr_t)');
const memcpy = libc.func('void *memcpy(_Out_ uint8_t *, uintptr_t, size_t)');

function at(address: bigint, byteLength: number): Buffer {
  const copy = Buffer.alloc(byteLength);
  memcpy(copy, address, byteLength);
  return copy;
}

/** The elements of the list whose head is at an address. */
function readList(head: bigint): PlainValue[] {
  const body = at(head, 16).readBigUInt64LE();
  const length = Number(at(body, 8).readBigUInt64LE());
  expect(at(head, 16).readUInt32LE(8)).toBeGreaterThanOrEqual(length);
  const words = at(body + 8n, 8 * length);
  return Array.from({ length }, (_, index) => {
    const word = words.readBigUInt64LE(8 * index);
    if (word >> 48n < 0xfff9n) return words.readDoubleLE(8 * index);
    const block = word & 0xffff_ffff_ffffn;
    if (word >> 48n === 0xfff9n) return words.readInt32LE(8 * index);
    if (word >> 48n === 0xfffan) return (word & 1n) === 1n;
    if (word >> 48n === 0xfffbn) return null;
    if (word >> 48n === 0xfffdn) return readList(block);
    return at(block + 4n, at(block, 4).readUInt32LE()).toString();
  });
}

describe('C reads', () => {
  test('a string to its NUL, also as part of other texts', () => {
    for (const text of ['', 'text', 'v\u00e4rde', 'x'.repeat(5000)]) {
      using string = RcString.from(text);
      expect(Number(strlen(string.address))).toBe(string.length);
      expect(at(string.address - 4n, 4).readUInt32LE()).toBe(string.length);
      expect(at(string.address, string.length).toString()).toBe(text);
    }
  });

  test('a list of everything, by the addresses that it has over allocators that do not count', () => {
    using arena = new Arena();
    using heap = new Heap();
    for (const allocator of [arena, heap]) {
      const inner = List.from([7, 'inner'], { allocator });
      const list = List.from([1, -0, 2.5, true, false, null, 'text', inner, ''], { allocator });
      expect(readList(list.address)).toEqual(list.toArray());
      for (let each = 0; each < 100; each++) inner.push(`more ${each}`);
      expect(readList(list.address)).toEqual(list.toArray());
      list.release();
      inner.release();
    }
    expect(heap.stats().blocks).toBe(0);
  });

  test('an array and a builder', () => {
    using array = CowArray.from(Float64Array, [1, 2.5, -3]);
    expect(at(array.address - 8n, 8).readBigUInt64LE()).toBe(3n);
    expect(new Float64Array(new Uint8Array(at(array.address, 24)).buffer)).toEqual(array.view);
    using heap = new Heap();
    using builder = new StringBuilder({ allocator: heap }).append('text').append(1);
    expect(at(builder.address, builder.length).toString()).toBe('text1');
  });
});
