import { describe, expect, test } from 'vitest';
import { Arena, Heap } from 'freehold';
import { callAsync } from 'freehold/ffi';

import { refusal, rejection } from '../lib/codes.ts';
import { compileLibrary, hasCompiler, openLibrary } from './lib/library.ts';

type Callback = (error: unknown, result?: unknown) => void;

/** A function as koffi makes them. */
function asyncFunction(run: (args: unknown[], done: Callback) => void) {
  return Object.assign(() => 0, {
    async(...all: unknown[]): void {
      run(all.slice(0, -1), all.at(-1) as Callback);
    },
  });
}

describe.runIf(hasCompiler)('callAsync with koffi', () => {
  const c = openLibrary(compileLibrary());

  test('pins the blocks among the arguments until the function has returned', async () => {
    c.closeGate();
    using heap = new Heap();
    const block = heap.alloc(1000).fill(3);
    const promise = callAsync<number>(c.sumLater, block, block.length);
    await new Promise(setImmediate);
    refusal(() => heap.free(block), 'ERR_FREEHOLD_PINNED');
    c.openGate();
    expect(await promise).toBe(3000);
    heap.free(block);
  });

  test('also within a struct', async () => {
    c.closeGate();
    using arena = new Arena();
    const bytes = arena.alloc(100).fill(2);
    const promise = callAsync<number>(c.sumPart, { bytes, length: 100 });
    await new Promise(setImmediate);
    refusal(() => arena.reset(), 'ERR_FREEHOLD_PINNED');
    c.openGate();
    expect(await promise).toBe(200);
    arena.reset();
  });

  test('arguments that koffi refuses reject the promise, and nothing stays pinned', async () => {
    using heap = new Heap();
    const block = heap.alloc(8);
    await expect(callAsync(c.sumLater, block)).rejects.toThrow(/argument/i);
    heap.free(block);
  });
});

describe('callAsync', () => {
  test('passes the arguments on, and the result or the error back', async () => {
    using heap = new Heap();
    const block = heap.alloc(8);
    const echo = asyncFunction((args, done) => setImmediate(done, null, args));
    expect(await callAsync<unknown>(echo as never, block, 5, 'text')).toEqual([block, 5, 'text']);
    const refuses = asyncFunction((_, done) => setImmediate(done, new Error('on purpose')));
    await expect(callAsync(refuses, block)).rejects.toThrow('on purpose');
    const throws = asyncFunction(() => {
      throw new Error('at once');
    });
    await expect(callAsync(throws, block)).rejects.toThrow('at once');
    heap.free(block);
  });

  test('finds blocks within arrays and objects, one level deep, also behind getters', async () => {
    using heap = new Heap();
    const blocks = Array.from({ length: 4 }, () => heap.alloc(8));
    const waits = asyncFunction((_, done) => setImmediate(done, null, 1));
    const args = [
      [blocks[0], Buffer.alloc(1)],
      {
        a: blocks[1],
        get b() {
          return blocks[2];
        },
      },
      { deep: { deeper: blocks[3] } },
      null,
      undefined,
      () => 1,
      new Map([[1, blocks[3]]]),
    ];
    const promise = callAsync(waits, ...args);
    for (const block of blocks.slice(0, 3)) refusal(() => heap.free(block), 'ERR_FREEHOLD_PINNED');
    heap.free(blocks[3]);
    await promise;
    for (const block of blocks.slice(0, 3)) heap.free(block);
  });

  test('a getter that throws or frees rejects the promise, and nothing stays pinned', async () => {
    using heap = new Heap();
    const block = heap.alloc(8);
    const waits = asyncFunction((_, done) => setImmediate(done, null, 1));
    const throws = {
      get data() {
        throw new Error('on purpose');
      },
    };
    await expect(callAsync(waits, block, throws)).rejects.toThrow('on purpose');
    const frees = {
      get data() {
        heap.free(block);
        return 1;
      },
    };
    await rejection(callAsync(waits, block, frees), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(heap.stats()).toMatchObject({ blocks: 0, pins: 0 });
  });

  test('refuses what cannot be called asynchronously', async () => {
    for (const value of [undefined, null, 5, {}, () => 1, Object.assign(() => 1, { async: 5 })])
      await rejection(callAsync(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});
