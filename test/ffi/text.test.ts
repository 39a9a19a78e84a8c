import { describe, expect, test } from 'vitest';
import {
  Arena,
  Heap,
  Pool,
  addressOf,
  create,
  limited,
  pageAllocator,
  pointer,
  struct,
  tracking,
} from 'freehold';
import { cString, cStrings, pointers, readCString, readPointers } from 'freehold/ffi';

import { refusal } from '../lib/codes.ts';
import { compileLibrary, hasCompiler, openLibrary } from './lib/library.ts';

const TEXTS = ['', 'tar', 'größer', '日本語', '🏡 freehold', 'x'.repeat(1000)];

describe('cString', () => {
  test('writes text of every encoding with a NUL at its end, into memory of any allocator', () => {
    using heap = new Heap();
    using pool = new Pool({ blockBytes: 4096 });
    for (const text of TEXTS) {
      for (const allocator of [heap, pool, limited(heap, 10_000)]) {
        const narrow = cString(allocator, text);
        expect(Buffer.from(narrow)).toEqual(Buffer.from(text + '\0'));
        expect(narrow.length).toBe(Buffer.byteLength(text) + 1);
        const wide = cString(allocator, text, { encoding: 'utf16le' });
        expect(Buffer.from(wide)).toEqual(Buffer.from(text + '\0', 'utf16le'));
        expect(wide.address % 2n).toBe(0n);
        allocator.free(narrow);
        allocator.free(wide);
      }
    }
    expect(Buffer.from(cString(heap, 'é', { encoding: 'latin1' }))).toEqual(Buffer.from([0xe9, 0]));
  });

  test('refuses text with a NUL in it, what is no text, and options that it does not know', () => {
    using heap = new Heap();
    refusal(() => cString(heap, 'a\0b'), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => cString(heap, 5 as unknown as string), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => cString(heap, 'a', { encoding: 'hex' as 'utf8' }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => cString(heap, 'a', { enc: 'utf8' } as object), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(heap.stats().blocks).toBe(0);
  });
});

describe('readCString', () => {
  test('reads what cString has written, from a view and from an address', () => {
    using heap = new Heap();
    for (const text of TEXTS) {
      for (const encoding of ['utf8', 'utf16le'] as const) {
        const block = cString(heap, text, { encoding });
        expect(readCString(block, { encoding })).toBe(text);
        expect(readCString(block.address, { encoding })).toBe(text);
        expect(readCString(new DataView(block.buffer, block.byteOffset, block.length), { encoding })).toBe(
          text,
        );
      }
    }
    const latin = cString(heap, 'ñandú', { encoding: 'latin1' });
    expect(readCString(latin.address, { encoding: 'latin1' })).toBe('ñandú');
    expect(readCString(new SharedArrayBuffer(4))).toBe('');
  });

  test('reads from an address on what is longer than a page', () => {
    using heap = new Heap();
    const text = 'long '.repeat(60_000);
    expect(readCString(heap.cString(text).address)).toBe(text);
  });

  test('never reads beyond the end of a view', () => {
    using heap = new Heap();
    const block = heap.cString('freehold');
    refusal(() => readCString(block.subarray(0, 4)), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(readCString(block.subarray(0, 4), { unterminated: true })).toBe('free');
    refusal(() => readCString(block, { maxBytes: 8 }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(readCString(block, { maxBytes: 9 })).toBe('freehold');
    refusal(() => readCString(block.address, { maxBytes: 8 }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(readCString(block.address, { maxBytes: 4, unterminated: true })).toBe('free');
    expect(readCString(block.address, { maxBytes: 0, unterminated: true })).toBe('');
    expect(readCString(Buffer.from('ab\0\0c\0d', 'latin1'), { encoding: 'utf16le' })).toBe('\u6261');
    refusal(
      () => readCString(Buffer.from('a\0b\0\0'), { encoding: 'utf16le' }),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
  });

  test('refuses addresses that are none, and options that make no sense', () => {
    for (const address of [0n, -1n, 1n << 64n, 1n << 200n])
      refusal(() => readCString(address), 'ERR_FREEHOLD_INVALID_ADDRESS');
    for (const source of [5, 'text', null, undefined, {}])
      refusal(() => readCString(source as bigint), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => readCString(8n, { maxBytes: -1 }), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(
      () => readCString(8n, { unterminated: 1 as unknown as boolean }),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
    refusal(() => readCString(8n, { max: 1 } as object), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test.runIf(process.platform === 'linux')(
    'of an address that nothing is mapped at is an error, not a crash',
    () => {
      for (const address of [1n, 8n, 0x1000n, (1n << 47n) - 16n, 1n << 60n, (1n << 64n) - 1n])
        refusal(() => readCString(address), 'ERR_FREEHOLD_INVALID_ADDRESS');
    },
  );

  test.runIf(process.platform === 'linux')('stops before a page without access', () => {
    using pages = pageAllocator({ guard: 'rear' });
    if (pages.stats().guard === 'none') return;
    const block = pages.alloc(4096);
    block.fill('x');
    refusal(() => readCString(block.address), 'ERR_FREEHOLD_INVALID_ADDRESS');
    block[4095] = 0;
    expect(readCString(block.address)).toBe('x'.repeat(4095));
    expect(readCString(block.addressAt(4094))).toBe('x');
  });
});

describe('cStrings', () => {
  test('makes an array of pointers to text that ends with NULL, in one block', () => {
    using heap = new Heap();
    const block = cStrings(heap, TEXTS);
    expect(heap.stats().blocks).toBe(1);
    const addresses = readPointers(block.subarray(0, 8 * (TEXTS.length + 1)));
    expect(addresses.at(-1)).toBe(0n);
    expect(addresses.slice(0, -1).map((address) => readCString(address))).toEqual(TEXTS);
    for (const address of addresses.slice(0, -1))
      expect(address > block.address && address < block.addressAt(block.length)).toBe(true);
    expect(readPointers(cStrings(heap, []))).toEqual([0n]);
  });

  test('takes what can be iterated, and refuses what is no text of C before it allocates', () => {
    using heap = new Heap();
    const block = cStrings(heap, new Set(['a', 'b']));
    expect(readCString(readPointers(block.subarray(0, 16))[1])).toBe('b');
    heap.free(block);
    refusal(() => cStrings(heap, ['a', 'b\0']), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => cStrings(heap, ['a', 5 as unknown as string]), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(heap.stats().blocks).toBe(0);
  });

  test.runIf(hasCompiler)('is read by C as argv is', () => {
    const c = openLibrary(compileLibrary());
    using heap = new Heap();
    const block = cStrings(heap, ['one', 'zwölf', '']);
    expect(readCString(c.join(block.address))).toBe('one|zwölf||');
  });
});

describe('pointers', () => {
  test('holds the addresses of blocks, views, buffers and structs, bigints as they are, and NULL for null', () => {
    using arena = new Arena();
    using heap = new Heap();
    const block = arena.alloc(8);
    const floats = new Float32Array(4);
    const shared = new SharedArrayBuffer(8);
    using node = create(heap, struct({ next: pointer }));
    const table = pointers(heap, [block, floats, floats.buffer, shared, node, 0x1234n, null]);
    expect(readPointers(table)).toEqual([
      block.address,
      addressOf(floats),
      addressOf(floats.buffer),
      addressOf(shared),
      addressOf(node),
      0x1234n,
      0n,
    ]);
    expect(table.address % 8n).toBe(0n);
    expect(readPointers(pointers(heap, []))).toEqual([]);
  });

  test('refuses items that have no address before it allocates', () => {
    using heap = new Heap();
    const block = heap.alloc(8);
    heap.free(block);
    for (const item of [undefined, 5, 'text', {}, () => 1])
      refusal(() => pointers(heap, [null, item as unknown as null]), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    for (const item of [-1n, 1n << 64n])
      refusal(() => pointers(heap, [item]), 'ERR_FREEHOLD_INVALID_ADDRESS');
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    refusal(() => pointers(heap, [gone]), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(heap.stats().blocks).toBe(0);
  });

  test('goes through wrappers: the block is theirs', () => {
    using heap = new Heap();
    using tracked = tracking(heap);
    const table = pointers(tracked, [null]);
    expect(table.allocator).toBe(tracked);
    tracked.free(table);
  });
});

describe('readPointers', () => {
  test('refuses memory of half a pointer, and memory that is gone', () => {
    refusal(() => readPointers(Buffer.alloc(12)), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => readPointers(5 as unknown as Buffer), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    const view = new BigUint64Array([1n, 2n ** 64n - 1n]);
    expect(readPointers(view)).toEqual([...view]);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    refusal(() => readPointers(view), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});
