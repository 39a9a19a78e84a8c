import koffi from 'koffi';
import { describe, expect, test } from 'vitest';
import { Arena, FixedBuffer, Heap, Pool, addressOf, arrayOf, create, f64, i32, struct, u8 } from 'freehold';
import * as ffi from 'freehold/ffi';

import { refusal } from '../lib/codes.ts';

const libc = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
const memset = libc.func('void *memset(uintptr_t, int, size_t)');

describe('block.addressAt', () => {
  test('gives the address of each byte, and of the one behind the last', () => {
    using heap = new Heap();
    using arena = new Arena();
    using pool = new Pool({ blockBytes: 100 });
    for (const block of [heap.alloc(100), heap.alloc(100_000), arena.alloc(100), pool.alloc()]) {
      expect(block.addressAt(0)).toBe(block.address);
      expect(block.addressAt(37)).toBe(block.address + 37n);
      expect(block.addressAt(block.length)).toBe(block.address + BigInt(block.length));
      memset(block.addressAt(37), 7, 1);
      expect([block[36], block[37], block[38]]).toEqual([0, 7, 0]);
    }
  });

  test('refuses what is not in the block', () => {
    using arena = new Arena();
    const block = arena.alloc(8);
    for (const offset of [9, -1, 0.5, NaN, Infinity, 2 ** 53, '4', 4n, null, undefined])
      refusal(() => block.addressAt(offset as number), 'ERR_FREEHOLD_INVALID_SIZE');
    arena.reset();
    refusal(() => block.addressAt(0), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => block.addressAt.call(Buffer.alloc(8), 0), 'ERR_FREEHOLD_INVALID_RECEIVER');
  });

  test('leaves at() what it is for every Buffer: the byte at an index', () => {
    using arena = new Arena();
    expect(arena.copy(Buffer.from([1, 2, 3])).at(-1)).toBe(3);
  });
});

describe('addressOf', () => {
  test('is one function, wherever it is imported from', () => {
    expect(ffi.addressOf).toBe(addressOf);
  });

  test('gives the address of blocks, Buffers, typed arrays and DataViews', () => {
    using arena = new Arena();
    const memory = Buffer.alloc(4096).buffer;
    const base = addressOf(memory);
    expect(addressOf(arena.alloc(8))).toBeTypeOf('bigint');
    const block = arena.alloc(16);
    expect(addressOf(block)).toBe(block.address);
    expect(addressOf(Buffer.from(memory, 8, 8))).toBe(base + 8n);
    expect(addressOf(new Float64Array(memory, 16, 2))).toBe(base + 16n);
    expect(addressOf(new DataView(memory, 3, 5))).toBe(base + 3n);
    expect(addressOf(new Uint8ClampedArray(memory, 5))).toBe(base + 5n);
    expect(addressOf(new BigInt64Array(memory, 24))).toBe(base + 24n);
    expect(addressOf(arena.array(Float32Array, 4)) % 16n).toBe(0n);
  });

  test('gives the address of an ArrayBuffer and of a SharedArrayBuffer, which C can write to', () => {
    for (const memory of [new ArrayBuffer(64), new SharedArrayBuffer(64)]) {
      memset(addressOf(memory), 9, 64);
      expect(new Uint8Array(memory).every((byte) => byte === 9)).toBe(true);
      expect(addressOf(new Uint8Array(memory, 32))).toBe(addressOf(memory, 32));
      expect(addressOf(new DataView(memory, 32))).toBe(addressOf(memory, 32));
    }
  });

  test('gives the address of structs, of their parts and of arrays of them, with an offset in bytes', () => {
    using heap = new Heap();
    const point = struct({ x: f64, y: f64, tags: arrayOf(u8, 4), id: i32 });
    using p = create(heap, point);
    expect(addressOf(p.tags)).toBe(addressOf(p, 16));
    expect(addressOf(p, 24)).toBe(addressOf(p) + 24n);
    refusal(() => addressOf(p, 25), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => addressOf(p.tags, 5), 'ERR_FREEHOLD_INVALID_SIZE');
  });

  test('takes offsets from 0 to the length', () => {
    const view = new Int32Array(4);
    expect(addressOf(view, 16)).toBe(addressOf(view) + 16n);
    for (const offset of [17, -1, 1.5, '1', 1n])
      refusal(() => addressOf(view, offset as number), 'ERR_FREEHOLD_INVALID_SIZE');
  });

  test('refuses memory that is gone', () => {
    const buffer = new ArrayBuffer(8);
    const views = [buffer, new Uint8Array(buffer), new DataView(buffer)];
    structuredClone(buffer, { transfer: [buffer] });
    for (const view of views) refusal(() => addressOf(view), 'ERR_FREEHOLD_USE_AFTER_FREE');
    const fixed = new FixedBuffer(Buffer.alloc(64));
    expect(addressOf(fixed.alloc(8))).toBeTypeOf('bigint');
  });

  test('refuses what has no memory, without running its code', () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('was asked');
        },
      },
    );
    for (const value of [undefined, null, 1, 5n, 'text', {}, [], () => 1, trap, Symbol('s')])
      refusal(() => addressOf(value as object), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('memory of no bytes has an address, or 0n', () => {
    using arena = new Arena();
    expect(addressOf(arena.alloc(0))).toBeTypeOf('bigint');
    expect(addressOf(new ArrayBuffer(0))).toBeTypeOf('bigint');
    expect(addressOf(Buffer.alloc(0))).toBeTypeOf('bigint');
    expect(addressOf(new DataView(new ArrayBuffer(0)))).toBeTypeOf('bigint');
  });
});
