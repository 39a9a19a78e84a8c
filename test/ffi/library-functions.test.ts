import { Arena, FreeholdError, Heap, Pool, failing, limited, tracking } from 'freehold';
import { libraryFunctions } from 'freehold/ffi';
import koffi from 'koffi';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { registered } from './lib/registered.ts';
import { library } from './libraries/library.ts';

const codesOf = (errors: readonly Error[]) =>
  errors.map((error) => (error instanceof FreeholdError ? error.code : error.name));

afterEach(() => void vi.restoreAllMocks());

describe('libraryFunctions', () => {
  test('hand blocks of the exact size out by their addresses, and keep them until they are freed', () => {
    using heap = new Heap();
    const library = libraryFunctions(heap);
    const address = library.malloc(13);
    expect(library.blockAt(address)?.address).toBe(address);
    expect(library.blockAt(address)).toHaveLength(13);
    expect(address % 16n).toBe(0n);
    expect(library).toMatchObject({ liveBlocks: 1, liveBytes: 13 });
    library.free(Number(address));
    expect(library).toMatchObject({ liveBlocks: 0, liveBytes: 0, errors: [] });
    expect(library.blockAt(address)).toBeUndefined();
    expect(heap.stats().bytesUsed).toBe(0);
  });

  test('calloc zeroes, realloc keeps the bytes, strdup copies as UTF-8 with a zero', () => {
    using heap = new Heap();
    const { calloc, realloc, strdup, malloc, free, blockAt } = libraryFunctions(heap);
    const dirty = malloc(48);
    blockAt(dirty)?.fill(0xff);
    free(dirty);
    const zeroed = calloc(3n, 16n);
    expect(blockAt(zeroed)).toEqual(heap.alloc(48));
    blockAt(zeroed)?.write('kept');
    const moved = realloc(zeroed, 5000);
    expect(blockAt(moved)?.toString('latin1', 0, 4)).toBe('kept');
    const text = strdup('häh');
    expect(blockAt(text)?.toString('hex')).toBe('68c3a46800');
    expect(blockAt(strdup(text))).toEqual(blockAt(text)); // by its address, as C has it
    expect(blockAt(realloc(0n, 7))).toHaveLength(7);
    expect(blockAt(malloc(0))).toHaveLength(1);
  });

  test('answer 0 where there is no memory, and realloc leaves the block as it was', () => {
    using heap = limited(new Heap(), 1000);
    const library = libraryFunctions(heap);
    const address = library.malloc(800);
    library.blockAt(address)?.fill(7);
    expect(library.realloc(address, 2000)).toBe(0n);
    expect(library.malloc(300)).toBe(0n);
    expect(library.calloc(2 ** 53, 2 ** 53)).toBe(0n);
    expect(library.malloc(-1)).toBe(0n);
    expect(library.blockAt(address)?.every((byte) => byte === 7)).toBe(true);
    expect(library).toMatchObject({ liveBlocks: 1, liveBytes: 800, refused: 4, errors: [] });
    library.free(address);
  });

  test('throw nothing into C: a second free and a foreign address are errors, and a process warning once', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    using heap = new Heap();
    const library = libraryFunctions(heap);
    const address = library.malloc(64);
    library.free(address);
    library.free(address);
    library.free(0x1234n);
    library.free(0n);
    expect(library.realloc(address, 10)).toBe(0n);
    expect(library.malloc(Number.NaN)).toBe(0n);
    expect(codesOf(library.errors)).toEqual([
      'ERR_FREEHOLD_DOUBLE_FREE',
      'ERR_FREEHOLD_INVALID_FREE',
      'ERR_FREEHOLD_DOUBLE_FREE',
    ]);
    expect(warned).toHaveBeenCalledOnce();
  });

  test("a second free does nothing to another's block that has the memory now", () => {
    using pool = new Pool({ blockBytes: 64 });
    const library = libraryFunctions(pool, { onError: () => undefined });
    const address = library.malloc(64);
    library.free(address);
    const other = pool.alloc();
    expect(other.address).toBe(address);
    library.free(address);
    expect(pool.owns(other)).toBe(true);
  });

  test('onError hears of errors instead, and what it throws stays out of C', () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    using arena = new Arena();
    const heard: Error[] = [];
    const library = libraryFunctions(arena, { onError: (error) => void heard.push(error) });
    library.free(16n);
    expect(codesOf(heard)).toEqual(['ERR_FREEHOLD_INVALID_FREE']);
    expect(library.errors).toEqual([]);
    const rude = libraryFunctions(arena, {
      onError: () => {
        throw new RangeError('no');
      },
    });
    rude.free(16n);
    expect(codesOf(rude.errors)).toEqual(['RangeError', 'ERR_FREEHOLD_INVALID_FREE']);
  });

  test('a block that has ended with its arena is gone once the library frees it', () => {
    using arena = new Arena();
    const errors: Error[] = [];
    const library = libraryFunctions(arena, { onError: (error) => void errors.push(error) });
    const address = library.malloc(10);
    arena.reset();
    library.free(address);
    expect(library.liveBlocks).toBe(0);
    expect(codesOf(errors)).toEqual(['ERR_FREEHOLD_USE_AFTER_FREE']);
  });

  test('options that make no sense are an error', () => {
    using heap = new Heap();
    expect(() => libraryFunctions(heap, { onEror: 1 } as object)).toThrow(/onError/);
    expect(() => libraryFunctions(heap, { onError: 1 } as never)).toThrow(
      'onError must be a function, but is 1',
    );
  });
});

const expat = library('expat', 'libexpat.so.1', 'libexpat1-dev');

expat.describe(() => {
  const binding = () => {
    const loaded = koffi.load('libexpat.so.1');
    return {
      create: loaded.func('uint64_t XML_ParserCreate_MM(const char *, void *suite, const char *)'),
      parse: loaded.func('int XML_Parse(uint64_t parser, const void *text, int bytes, int last)'),
      code: loaded.func('int XML_GetErrorCode(uint64_t parser)'),
      free: loaded.func('void XML_ParserFree(uint64_t parser)'),
    } as Record<string, (...args: unknown[]) => number | bigint>;
  };
  const text = Buffer.from(
    `<list xmlns:b="urn:b">${'<b:item b:id="1"><name>a</name></b:item>'.repeat(10)}</list>`,
  );

  test('a parser that is never freed is listed by tracking, with the JavaScript that made it', () => {
    using heap = tracking(new Heap(), { onLeak: 'ignore', stackFrames: 20 });
    const functions = libraryFunctions(heap);
    using callbacks = registered(functions);
    const { create, parse, free } = binding();
    const suite = new BigUint64Array([callbacks.malloc, callbacks.realloc, callbacks.free]);
    const makeParser = () => create(null, suite, '|');
    const parser = makeParser();
    expect(parse(parser, text, text.length, 1)).toBe(1);
    const leaks = heap.leaks();
    expect(leaks.reduce((sum, { count }) => sum + count, 0)).toBe(functions.liveBlocks);
    expect(leaks.map(({ site }) => site).join('\n')).toContain('makeParser');
    free(parser);
    expect(heap.leaks()).toEqual([]);
    expect(functions.errors).toEqual([]);
    expect(heap.stats().bytesUsed).toBe(0);
  });

  test('fails cleanly with an allocator that fails at every index', () => {
    const { create, parse, code, free } = binding();
    const ends: string[] = [];
    for (let failAt = 0; ; failAt++) {
      using heap = new Heap();
      const functions = libraryFunctions(failing(heap, { failAt }));
      using callbacks = registered(functions);
      const suite = new BigUint64Array([callbacks.malloc, callbacks.realloc, callbacks.free]);
      const parser = create(null, suite, '|');
      if (parser === 0) {
        ends.push('no parser');
      } else {
        ends.push(parse(parser, text, text.length, 1) === 1 ? 'parsed' : `error ${code(parser)}`);
        free(parser);
      }
      expect(functions).toMatchObject({ liveBlocks: 0, errors: [] });
      if (functions.refused === 0) break;
    }
    // A prefix that it has no memory for it calls unbound, with 27.
    expect([...new Set(ends)].sort()).toEqual(['error 1', 'error 27', 'no parser', 'parsed']);
    expect(ends.at(-1)).toBe('parsed');
  });
});
