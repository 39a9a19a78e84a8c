import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  Arena,
  FreeholdError,
  LeakError,
  TrackingAllocator,
  type TrackingOptions,
  failing,
  limited,
  testingAllocator,
  tracking,
} from 'freehold';
import { runChild } from '../lib/child.ts';
import { refusal } from '../lib/codes.ts';
import { Plain } from './lib/allocators.ts';

function leakOf(run: () => void): LeakError {
  const error = refusal(run, 'ERR_FREEHOLD_LEAK');
  if (!(error instanceof LeakError)) throw error;
  return error;
}

describe('a tracking allocator', () => {
  test('knows what is live, what was, and the most that ever was', () => {
    const tracked = tracking(new Plain());
    const [a, b] = [tracked.alloc(100), tracked.allocUnsafe(28)];
    tracked.free(a);
    const c = tracked.realloc(b, 60);
    tracked.alloc(0);
    expect(tracked.stats()).toMatchObject({
      kind: 'tracking',
      name: 'tracking(allocator)',
      bytesUsed: 60,
      bytesPeak: 128,
      blocks: 2,
      blocksPeak: 2,
      allocations: 4,
      bytesTotal: 188,
      frees: 1,
      reallocations: 1,
      failures: 0,
      sizes: [
        { upTo: 0, count: 1 },
        { upTo: 32, count: 1 },
        { upTo: 64, count: 1 },
        { upTo: 128, count: 1 },
      ],
    });
    tracked.free(c);
    expect(tracked.stats()).toMatchObject({ bytesUsed: 0, blocks: 1, frees: 2 });
  });

  test('counts sizes by powers of two, the power itself with the smaller ones', () => {
    const tracked = tracking(new Plain(), { stackFrames: 0 });
    for (const size of [1, 2, 3, 4, 5, 1024, 1025]) tracked.alloc(size);
    expect(tracked.stats().sizes.map(({ upTo, count }) => [upTo, count])).toEqual([
      [1, 1],
      [2, 1],
      [4, 2],
      [8, 1],
      [1024, 1],
      [2048, 1],
    ]);
  });

  test('counts what fails as neither handed out nor back', () => {
    const base = new Plain();
    const tracked = tracking(base);
    const block = tracked.alloc(8);
    base.largest = 10;
    refusal(() => tracked.alloc(20), 'ERR_FREEHOLD_LIMIT');
    refusal(() => tracked.realloc(block, 20), 'ERR_FREEHOLD_LIMIT');
    expect(tracked.tryAlloc(20)).toBe(null);
    expect(tracked.stats()).toMatchObject({ allocations: 1, bytesUsed: 8, failures: 3, reallocations: 0 });
  });

  test('throws at dispose what was not freed, by the place that allocated it, the most bytes first', () => {
    const tracked = tracking(new Plain());
    const few = (): void => void tracked.alloc(10);
    const many = (): void => void tracked.string('x'.repeat(100));
    few();
    for (let count = 0; count < 3; count++) many();
    tracked.free(tracked.alloc(5));
    const error = leakOf(() => tracked.dispose());
    expect(error.leaks).toMatchObject([
      { bytes: 300, count: 3 },
      { bytes: 10, count: 1 },
    ]);
    const [first, second] = error.leaks.map(({ site }) => site.split('\n')[0]);
    expect([first, second]).toEqual([
      expect.stringMatching(/^ +at many .*tracking\.test\.ts:\d+:\d+/),
      expect.stringMatching(/^ +at few /),
    ]);
    expect(error.message).toMatch(
      /^310 bytes in 4 block\(s\) of "tracking\(allocator\)" were not freed:\n {2}300 bytes in 3/,
    );
    expect(error.message).toContain(first);
    expect(tracked.disposed).toBe(true);
    tracked.dispose();
  });

  test('shows the program and not the layers between, however many there are', () => {
    const tracked = tracking(new Plain(), { stackFrames: 1 });
    function culprit(): void {
      limited(failing(limited(tracked, 1000)), 1000).cString('text');
    }
    culprit();
    expect(tracked.leaks()).toEqual([
      { bytes: 5, count: 1, site: expect.stringMatching(/^ +at culprit [^\n]+$/) },
    ]);
  });

  test('says where a block was allocated and first freed when it is freed again', () => {
    const tracked = tracking(new Arena());
    function allocate() {
      return tracked.alloc(64);
    }
    const block = allocate();
    (function firstFree() {
      tracked.free(block);
    })();
    const { message } = refusal(() => tracked.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(message).toMatch(
      /was freed or reallocated before\nallocated:\n +at allocate [^]*\nfreed or reallocated:\n +at firstFree /,
    );
    const old = allocate();
    (function move() {
      tracked.realloc(old, 100);
    })();
    expect(refusal(() => tracked.free(old), 'ERR_FREEHOLD_DOUBLE_FREE').message).toMatch(
      /reallocated:\n +at move /,
    );
  });

  test('reports leaks as it was told to', async () => {
    const reported: LeakError[] = [];
    const leaky = (onLeak: TrackingOptions['onLeak']): TrackingAllocator => {
      const tracked = tracking(new Plain(), onLeak === undefined ? {} : { onLeak });
      tracked.alloc(8);
      return tracked;
    };
    leakOf(() => leaky(undefined).dispose());
    leakOf(() => leaky('throw')[Symbol.dispose]());
    leaky('ignore').dispose();
    leaky((error) => reported.push(error)).dispose();
    expect(reported.map(({ code, leaks }) => [code, leaks.length])).toEqual([['ERR_FREEHOLD_LEAK', 1]]);
    const warned = new Promise((resolve) => process.once('warning', resolve));
    leaky('warn').dispose();
    expect(await warned).toBeInstanceOf(LeakError);
  });

  test('takes what ended with its memory for no leak', () => {
    using arena = new Arena();
    const tracked = tracking(arena);
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 1000; count++) tracked.alloc(8);
      expect(tracked.stats().blocks).toBe(1000);
      arena.reset();
      expect(tracked.leaks()).toEqual([]);
    }
    expect(tracked.stats()).toMatchObject({ blocks: 0, bytesUsed: 0, allocations: 3000, frees: 0 });
    tracked.dispose();
  });

  test('keeps nothing of what ended with its memory, though nobody asks', async () => {
    using arena = new Arena();
    const tracked = tracking(arena, { stackFrames: 5 });
    const kept: WeakRef<object>[] = [];
    // A closure that the captured stack holds: what is left of a record shows in it.
    const allocate = (): void => {
      const receiver = { allocate: () => tracked.alloc(8) };
      kept.push(new WeakRef(receiver));
      receiver.allocate();
    };
    for (let round = 0; round < 8; round++) {
      for (let count = 0; count < 1000; count++) allocate();
      arena.reset();
    }
    for (let turn = 0; turn < 5; turn++) {
      await new Promise(setImmediate);
      gc!();
    }
    expect(kept.filter((each) => each.deref() !== undefined).length).toBeLessThan(4000);
  });

  test('captures no stacks when it is to keep none', () => {
    const tracked = tracking(new Plain(), { stackFrames: 0 });
    const block = tracked.alloc(8);
    expect(tracked.leaks()).toEqual([{ bytes: 8, count: 1, site: '' }]);
    tracked.free(block);
    const { message } = refusal(() => tracked.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(message).not.toContain('\n');
  });

  test('leaves Error.stackTraceLimit as it was, and copes with a program that changed errors', async () => {
    const before = Error.stackTraceLimit;
    tracking(new Plain()).alloc(8);
    expect(Error.stackTraceLimit).toBe(before);
    await runChild(`
      import { Arena, tracking } from 'freehold';
      Error.prepareStackTrace = (error, frames) => frames;
      const tracked = tracking(new Arena());
      tracked.alloc(8);
      if (!tracked.leaks()[0].site.includes('prepareStackTrace')) process.exit(1);
      Error.prepareStackTrace = undefined;
      Object.freeze(Error);
      tracked.alloc(9);
      if (!tracked.leaks()[0].site.includes('at ')) process.exit(2);
    `);
  });

  test('refuses options that make no sense, and other receivers', () => {
    for (const options of [
      { onLeak: 'shout' },
      { onLeak: 5 },
      { frames: 3 },
      { name: 5 },
      { disposeInner: 1 },
      5,
    ]) {
      refusal(() => tracking(new Arena(), options as TrackingOptions), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
    refusal(() => tracking(new Arena(), { stackFrames: -1 }), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => TrackingAllocator.prototype.leaks.call({} as never), 'ERR_FREEHOLD_INVALID_RECEIVER');
    const tracked = tracking(new Plain());
    tracked.alloc(8);
    expect(inspect(tracked)).toBe('TrackingAllocator(tracking(allocator)) { 8 bytes in 1 block(s) }');
  });
});

describe('dispose of a tracking allocator that owns its memory', () => {
  test('ends the memory, and throws the leaks of before', () => {
    const arena = new Arena();
    const tracked = tracking(arena, { disposeInner: true });
    tracked.alloc(8);
    expect(leakOf(() => tracked.dispose()).leaks).toMatchObject([{ bytes: 8, count: 1 }]);
    expect([arena.disposed, tracked.disposed]).toEqual([true, true]);
  });

  test('changes nothing when the memory is pinned', () => {
    const arena = new Arena();
    const tracked = tracking(arena, { disposeInner: true, onLeak: 'ignore' });
    const block = tracked.alloc(8);
    const pin = block.pin();
    refusal(() => tracked.dispose(), 'ERR_FREEHOLD_PINNED');
    expect([tracked.disposed, tracked.owns(block), tracked.stats().blocks]).toEqual([false, true, 1]);
    pin.release();
    tracked.dispose();
    expect([arena.disposed, tracked.stats().blocks]).toEqual([true, 0]);
  });
});

describe('the testing allocator', () => {
  test('throws at the end of the scope what the code under test forgot', () => {
    const test = (forget: boolean): void => {
      using allocator = testingAllocator();
      const block = allocator.alloc(100);
      if (!forget) allocator.free(block);
    };
    test(false);
    expect(leakOf(() => test(true)).leaks[0].bytes).toBe(100);
  });

  test('shows a use after free: every freed block has length 0, whatever was made of it', () => {
    using allocator = testingAllocator();
    const block = allocator.alloc(100);
    const part = block.subarray(10);
    allocator.free(block);
    expect([block.length, part.length, allocator.stats().blocks]).toEqual([0, 0, 0]);
  });

  test('has memory of its own, which ends with it', () => {
    const allocator = testingAllocator({ onLeak: 'ignore', name: 'mine' });
    const block = allocator.alloc(100);
    allocator.dispose();
    expect([block.length, allocator.name]).toEqual([0, 'mine']);
    expect(() => allocator.alloc(1)).toThrow(FreeholdError);
  });
});
