import { Heap, configure } from 'freehold';
import { checkQuarantine, leaks } from 'freehold/debug';
import { libraryFunctions } from 'freehold/ffi';
import koffi from 'koffi';
import { expect, test } from 'vitest';

import { registered } from './lib/registered.ts';
import { library } from './libraries/library.ts';

// What C does with memory of debug mode's: libc writes, and a parser of expat's that is used wrongly.
configure({ debug: { onLeak: 'ignore', onError: 'throw' } });

const libc = library('libc', 'libc.so.6', 'libc6');
const expat = library('expat', 'libexpat.so.1', 'libexpat1-dev');

function writeByC(address: bigint, value: number, bytes: number): void {
  koffi.load('libc.so.6').func('void *memset(uint64_t block, int value, size_t bytes)')(
    address,
    value,
    bytes,
  );
}

function only(errors: readonly Error[]): Error & { code?: string } {
  expect(errors).toHaveLength(1);
  return errors[0];
}

libc.describe(() => {
  test('an overflow by C of 1 byte is found when the block is freed, with the stack of its allocation', () => {
    using heap = new Heap();
    const errors: Error[] = [];
    const { malloc, free } = libraryFunctions(heap, { onError: (error) => void errors.push(error) });
    const allocateForC = () => malloc(13);
    const address = allocateForC();
    writeByC(address, 0x41, 13);
    free(address);
    expect(errors).toEqual([]);
    const other = allocateForC();
    writeByC(other, 0x41, 14);
    free(other);
    const error = only(errors);
    expect(error.code).toBe('ERR_FREEHOLD_CORRUPTION');
    expect(error.message).toContain('allocateForC');
  });

  test('an underflow by C of 1 byte is found, too', () => {
    using heap = new Heap();
    const errors: Error[] = [];
    const { malloc, free } = libraryFunctions(heap, { onError: (error) => void errors.push(error) });
    const address = malloc(64);
    writeByC(address - 1n, 0x41, 1);
    free(address);
    expect(only(errors).code).toBe('ERR_FREEHOLD_CORRUPTION');
  });

  test('a write by C after free is found in quarantine, with the stacks of the allocation and of the free', () => {
    using heap = new Heap();
    const { malloc, free } = libraryFunctions(heap);
    const allocateForC = () => malloc(64);
    const freeForC = (address: bigint) => free(address);
    const address = allocateForC();
    freeForC(address);
    checkQuarantine();
    const poison = koffi.decode(address + 63n, 'uint8_t') as number;
    writeByC(address + 63n, 0x41, 1);
    let found: unknown;
    try {
      checkQuarantine();
    } catch (error) {
      found = error;
    }
    writeByC(address + 63n, poison, 1); // or it would be found again at exit
    expect(found).toMatchObject({ code: 'ERR_FREEHOLD_CORRUPTION' });
    expect((found as Error).message).toContain('allocateForC');
    expect((found as Error).message).toContain('freeForC');
  });

  test('a second free by C is found, with the stacks of the allocation and of the first free', () => {
    using heap = new Heap();
    const errors: Error[] = [];
    const { malloc, free } = libraryFunctions(heap, { onError: (error) => void errors.push(error) });
    const allocateForC = () => malloc(64);
    const freeForC = (address: bigint) => free(address);
    const address = allocateForC();
    freeForC(address);
    free(address);
    const error = only(errors);
    expect(error.code).toBe('ERR_FREEHOLD_DOUBLE_FREE');
    expect(error.message).toContain('allocateForC');
    expect(error.message).toContain('freeForC');
  });
});

expat.describe(() => {
  const loaded = koffi.load('libexpat.so.1');
  const create = loaded.func('uint64_t XML_ParserCreate_MM(const char *, void *suite, const char *)') as (
    ...args: unknown[]
  ) => number;
  const parse = loaded.func('int XML_Parse(uint64_t parser, const void *text, int bytes, int last)') as (
    ...args: unknown[]
  ) => number;
  const freeParser = loaded.func('void XML_ParserFree(uint64_t parser)') as (parser: number) => void;
  const text = Buffer.from('<list><item id="1">a</item></list>');

  test('a library without faults has none in debug mode', () => {
    using heap = new Heap();
    const functions = libraryFunctions(heap);
    using callbacks = registered(functions);
    const parser = create(
      null,
      new BigUint64Array([callbacks.malloc, callbacks.realloc, callbacks.free]),
      '|',
    );
    expect(parse(parser, text, text.length, 1)).toBe(1);
    freeParser(parser);
    checkQuarantine();
    expect(functions).toMatchObject({ liveBlocks: 0, errors: [] });
  });

  test("what a library leaks is in debug mode's report, with the JavaScript that called it", () => {
    using heap = new Heap();
    const functions = libraryFunctions(heap);
    using callbacks = registered(functions);
    const suite = new BigUint64Array([callbacks.malloc, callbacks.realloc, callbacks.free]);
    const makeParser = () => create(null, suite, '|');
    const parser = makeParser();
    const report = leaks();
    expect(report.blocks).toBe(functions.liveBlocks);
    expect(JSON.stringify(report.sites)).toContain('makeParser');
    freeParser(parser);
    expect(leaks().blocks).toBe(0);
  });
});
