import fc from 'fast-check';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ArenaPool } from '../../lib/arena-pool.ts';
import { Arena, Heap, api } from '../../lib/index.ts';
import { runChild } from '../lib/child.ts';
import { portion } from '../lib/effort.ts';
import { KINDS, runBothSides } from './lib/both-sides.mjs';
import { type NativeSide, buildNativeSide, loadNativeSide } from './lib/native-side.ts';

const OK = 0n;
const OUT_OF_MEMORY = 1n;
const LIMIT = 2n;
const INVALID = 4n;
const ENDED = 8n;
const WRONG_THREAD = 9n;
const BORROWED = 10n;
const onPages = process.env.FREEHOLD_BACKING !== 'v8';

let native: NativeSide;
let built: { path: string; remove: () => void };
beforeAll(() => {
  built = buildNativeSide();
  native = loadNativeSide(built.path);
  expect(native.setup(api)).toEqual([OK]);
});
afterAll(() => {
  built.remove();
});

function faceOf(arena: Arena): bigint {
  const [status, face] = native.arenaOf(arena.native);
  expect(status).toBe(OK);
  expect(face).toBe(arena.pointer);
  return face;
}

function taken(face: bigint, bytes: number, byte = 1, alignment = 0): bigint {
  const [status, address] = native.take(face, bytes, alignment, byte);
  expect(status).toBe(OK);
  return address;
}

describe('an addon', () => {
  test('takes nothing else for the table of functions, or for an arena', () => {
    using arena = new Arena();
    for (const other of [undefined, null, {}, 1n, 'api', arena, arena.native]) {
      expect(native.setup(other)).toEqual([INVALID]);
    }
    expect(native.setup(api)).toEqual([OK]);
    for (const other of [undefined, null, {}, arena.pointer, arena, api]) {
      expect(native.arenaOf(other)).toEqual([INVALID, 0n]);
    }
  });

  test('ends no block of an arena, and gets nothing on another thread', () => {
    using arena = new Arena();
    const view = arena.alloc(16);
    const face = faceOf(arena);
    expect(native.meddle(face)).toEqual(Array(6).fill(BORROWED));
    expect(native.takeOnThread(face)).toEqual([WRONG_THREAD]);
    expect([view.length, arena.used]).toEqual([16, 16]);
  });

  test('that keeps an arena too long is told that it has ended', () => {
    const arena = new Arena();
    const face = faceOf(arena);
    const memory = native.memoryOf(face)[0];
    arena.dispose();
    expect(native.take(face, 16, 0, 0)).toEqual([ENDED, 0n]);
    expect(native.meddle(face)).toEqual(Array(6).fill(ENDED));
    expect(native.resize(memory, 0n, 16, 0)).toEqual([0n]);
    expect(() => arena.native).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_DISPOSED' }));
  });

  test('has no part in the arena that a pool makes of one', () => {
    const pool = new ArenaPool({}, 4);
    const arena = pool.take();
    const face = faceOf(arena);
    arena.alloc(16);
    native.resize(native.memoryOf(face)[0], 0n, 100, 1);
    pool.give(arena, 'finished');
    const next = pool.take();
    expect(native.take(face, 16, 0, 0)).toEqual([ENDED, 0n]);
    expect(next.used).toBe(0);
    next.alloc(16);
    taken(faceOf(next), 16);
    expect(next.used).toBe(32);
    next.dispose();
  });
});

describe('blocks of both sides', () => {
  test('stand one behind the other, and each side sees what the other has written', () => {
    using arena = new Arena();
    const face = faceOf(arena);
    const first = arena.alloc(64).fill(7);
    const second = taken(face, 100, 9);
    const third = arena.alloc(64);
    expect(second).toBe(first.address + 64n);
    expect(third.address).toBe(second + 112n);
    expect(arena.blockAt(second, 100).every((byte) => byte === 9)).toBe(true);
    expect(arena.blockAt(first.address, 64).equals(first)).toBe(true);
    expect(arena.used).toBe(240);
  });

  test.runIf(onPages)('are in many chunks that C has opened, and figures agree at every step', () => {
    using arena = new Arena({ initialBytes: 4096, maxChunkBytes: 16384 });
    const face = faceOf(arena);
    const addresses: bigint[] = [];
    for (let index = 0; index < 100; index++) {
      addresses.push(taken(face, index % 10 === 0 ? 50_000 : 1500, index + 1));
      const [, used, reserved, peak, chunks] = native.figures(face).map(Number);
      const { bytesUsed, bytesReserved, bytesPeak, chunks: counted } = arena.stats();
      expect([used, reserved, peak, chunks]).toEqual([bytesUsed, bytesReserved, bytesPeak, counted]);
      if (index % 7 === 0) expect(arena.alloc(100).every((byte) => byte === 0)).toBe(true);
    }
    expect(arena.stats().chunks).toBeGreaterThan(15);
    addresses.forEach((address, index) => {
      const view = arena.blockAt(address, index % 10 === 0 ? 50_000 : 1500);
      expect(view[0]).toBe(index + 1);
      expect(view.at(-1)).toBe(index + 1);
      expect(arena.owns(view)).toBe(true);
    });
    const view = arena.blockAt(addresses[50], 10);
    arena.reset();
    expect([view.length, arena.used]).toEqual([0, 0]);
  });

  test.runIf(!onPages)('are only where JavaScript has room, when memory is the engine’s', () => {
    using arena = new Arena({ initialBytes: 4096 });
    const face = faceOf(arena);
    expect(native.take(face, 16, 0, 0)).toEqual([OUT_OF_MEMORY, 0n]);
    arena.alloc(16);
    taken(face, 1000);
    expect(native.take(face, 1 << 20, 0, 0)).toEqual([OUT_OF_MEMORY, 0n]);
    expect(arena.used).toBe(1016);
  });

  test('have one limit', () => {
    using arena = new Arena({ limitBytes: 1000 });
    const face = faceOf(arena);
    arena.alloc(16);
    expect(native.take(face, 985, 1, 0)).toEqual([LIMIT, 0n]);
    taken(face, 984, 1, 1);
    expect(arena.tryAlloc(1)).toBe(null);
    arena.limit = 1100;
    expect(arena.tryAlloc(16)).not.toBe(null);
  });
});

const modes = ['detach', 'orphan', 'reuse'] as const;
describe.each(modes)('in mode %s', (reset) => {
  test('a rewind ends what a library has allocated since the mark, in the same segment and in others', () => {
    using arena = new Arena({ initialBytes: 65536, reset });
    const face = faceOf(arena);
    const memory = native.memoryOf(face)[0];
    arena.alloc(16);
    const kept = native.resize(memory, 0n, 100, 1)[0];
    const mark = arena.mark();
    const late: bigint[] = [];
    for (const size of onPages ? [100, 200_000] : [100]) {
      arena.alloc(16);
      late.push(native.resize(memory, 0n, size, 2)[0]);
      arena.rewind(mark);
      const live = native.figures(face)[5];
      if (reset === 'orphan') continue;
      expect(live).toBe(1n);
    }
    arena.alloc(5000); // over the places of those
    for (const address of late) native.resize(memory, address, 0, 0);
    expect(native.account(memory)[2]).toBe(reset === 'orphan' ? 0n : BigInt(late.length));
    native.resize(memory, kept, 0, 0);
    expect(native.account(memory)[0]).toBe(0n);
  });

  test('a free by JavaScript leaves a block of a library alone, and its own bytes come back', () => {
    using arena = new Arena({ reset });
    const face = faceOf(arena);
    const memory = native.memoryOf(face)[0];
    arena.alloc(16);
    const address = native.resize(memory, 0n, 64, 5)[0];
    arena.free(arena.blockAt(address, 64));
    arena.free(arena.blockAt(address + 32n, 32));
    arena.realloc(arena.blockAt(address, 64), 16);
    expect(arena.used).toBe(80);
    const view = arena.alloc(64);
    expect(arena.used).toBe(144);
    arena.free(view);
    expect(arena.used).toBe(80);
    expect(arena.blockAt(address, 64).every((byte) => byte === 5)).toBe(true);
    native.resize(memory, address, 0, 0);
    expect([arena.used, native.account(memory)[2]]).toEqual([16, 0n]);
  });

  test('a pinned arena is left to the collector with the blocks of C', () => {
    using arena = new Arena({ reset });
    const face = faceOf(arena);
    arena.alloc(16);
    const view = arena.blockAt(taken(face, 100, 3), 100);
    using pin = arena.pin();
    if (reset !== 'orphan') {
      expect(() => {
        arena.reset();
      }).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_PINNED' }));
    }
    arena.reset({ whenPinned: 'orphan' });
    expect(view.every((byte) => byte === 3)).toBe(true);
    arena.alloc(1000).fill(9);
    taken(face, 1000, 9);
    expect(view.length === 100 && view.every((byte) => byte === 3)).toBe(true);
    pin.release();
  });
});

const steps = fc.array(fc.record({ kind: fc.nat(KINDS - 1), size: fc.nat(900), choice: fc.nat(100) }), {
  minLength: 20,
  maxLength: 120,
  size: 'max',
});
const options = fc.record({
  reset: fc.constantFrom(...modes),
  limitBytes: fc.constantFrom(Infinity, Infinity, 100_000),
});

describe('random programs of both sides', () => {
  test('do what a list of blocks says', () => {
    fc.assert(
      fc.property(options, steps, (settings, program) => {
        runBothSides({ Arena }, native, settings, program);
      }),
      { numRuns: portion(40) },
    );
  });

  const program = (count: number): string =>
    `const runs = ${JSON.stringify(fc.sample(fc.tuple(fc.constantFrom(...modes), steps), count))};
     const { createRequire } = await import('node:module');
     const freehold = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
     const { runBothSides } = await import(${JSON.stringify(new URL('lib/both-sides.mjs', import.meta.url).href)});
     const native = createRequire(${JSON.stringify(import.meta.url)})(${JSON.stringify(built.path)});
     native.setup(freehold.api);
     for (const [reset, steps] of runs) runBothSides(freehold, native, { reset }, steps);`;

  test('do so in a worker, whose end frees what it has not disposed', async () => {
    const source = `${program(10)}
      const left = new freehold.Arena();
      native.take(left.pointer, 100000, 0, 1);
      native.resize(native.memoryOf(left.pointer)[0], 0n, 100, 1);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    const code = await new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', resolve);
    });
    expect(code).toBe(0);
  });

  test('do so over the engine’s memory, where C never takes any', async () => {
    await runChild(program(10), { env: { FREEHOLD_BACKING: 'v8' } });
  });
});

test('functions of a heap of JavaScript’s outlive neither', () => {
  const heap = new Heap();
  const { context } = heap.callbacks().withContext;
  heap.dispose();
  expect(native.resize(context, 0n, 16, 0)).toEqual([0n]);
});
