import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Arena, type Block, Stack, StackFrame, type StackOptions, limited } from 'freehold';
import { refusal } from './lib/codes.ts';
import { areApart, canEscape, escape, isZero } from './lib/memory.ts';

const modes = [['detach'], ['reuse']] as const;

describe.each(modes)('in mode %s', (mode) => {
  test('a frame has what the stack has: typed arrays, copies and texts, which end with it', () => {
    using stack = new Stack({ mode });
    const outer = stack.frame();
    const inner = stack.frame();
    const made = [
      inner.array(Float64Array, 3),
      inner.copy(Buffer.from('copy')),
      inner.string('text'),
    ] as const;
    const text = inner.cString('text');
    expect(made.map((each) => (each instanceof Float64Array ? [...each] : String(each)))).toEqual([
      [0, 0, 0],
      'copy',
      'text',
    ]);
    expect([...text]).toEqual([...Buffer.from('text\0')]);
    for (const use of [
      () => outer.array(Uint8Array, 1),
      () => outer.copy(new Uint8Array(1)),
      () => outer.string('x'),
      () => outer.cString('x'),
    ])
      refusal(use, 'ERR_FREEHOLD_FRAME_ORDER');
    inner.end();
    expect(stack.stats().bytesUsed).toBe(0);
    if (mode === 'detach') expect([...made, text].map(({ length }) => length)).toEqual([0, 0, 0, 0]);
    outer.end();
  });

  test('the end of a frame gives the bytes of its blocks back, and leaves those beneath alone', () => {
    using stack = new Stack({ mode });
    const base = stack.alloc(100).fill(1);
    const outer = stack.frame();
    const kept = outer.alloc(100).fill(2);
    const { bytesUsed } = stack.stats();
    for (let round = 0; round < 50; round++) {
      using inner = stack.frame();
      const blocks = [inner.alloc(1000), stack.alloc(10, 256), inner.tryAlloc(33)!, inner.allocUnsafe(5)];
      expect(areApart([base, kept, ...blocks])).toBe(true);
      expect(isZero(Buffer.concat(blocks.slice(0, 3)))).toBe(true);
      for (const block of blocks) block.fill(0xff);
      expect(stack.stats().frames).toBe(2);
    }
    expect(stack.stats()).toMatchObject({ bytesUsed, frames: 1 });
    expect([base.every((byte) => byte === 1), kept.every((byte) => byte === 2)]).toEqual([true, true]);
    outer.end();
    expect(base.every((byte) => byte === 1)).toBe(true);
    expect(stack.stats().frames).toBe(0);
  });

  test('blocks name the stack, are freed and reallocated through it, and by the end of a scope', () => {
    using stack = new Stack({ mode });
    using frame = stack.frame();
    const block = frame.alloc(16);
    expect([block.allocator, stack.owns(block)]).toEqual([stack, true]);
    const { bytesUsed } = stack.stats();
    const grown = stack.realloc(block.fill(1), 64);
    expect([grown.length, grown[15], grown[16], grown.allocator]).toEqual([64, 1, 0, stack]);
    {
      using scratch = stack.alloc(64);
      expect(scratch.length).toBe(64);
    }
    stack.free(grown);
    expect(stack.stats().bytesUsed).toBe(bytesUsed - 16);
    refusal(() => stack.free(grown), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(frame.open).toBe(true);
  });

  test('more than the limit is ERR_FREEHOLD_STACK_OVERFLOW, null for tryAlloc, and all fits again behind a frame', () => {
    using stack = new Stack({ mode, bytes: 10_000, name: 'small' });
    for (let round = 0; round < 5; round++) {
      using frame = stack.frame();
      let count = 0;
      while (frame.tryAlloc(96) !== null) count++;
      expect(count).toBeGreaterThanOrEqual(100);
      expect(count).toBeLessThanOrEqual(104);
      const { message } = refusal(() => stack.alloc(96), 'ERR_FREEHOLD_STACK_OVERFLOW');
      expect(message).toContain('stack "small"');
      for (const size of [10_001, 2 ** 31, 2 ** 40, 2 ** 53 - 1]) {
        refusal(() => frame.allocUnsafe(size), 'ERR_FREEHOLD_STACK_OVERFLOW');
        expect(stack.tryAlloc(size)).toBe(null);
      }
      refusal(() => stack.array(Float64Array, 2000), 'ERR_FREEHOLD_STACK_OVERFLOW');
      expect(stack.stats().bytesUsed).toBeLessThanOrEqual(10_000);
    }
  });

  test('frames without end overflow the stack before the engine’s own', () => {
    using stack = new Stack({ mode });
    const recurse = (depth: number): number => {
      using frame = stack.frame();
      return frame.open ? recurse(depth + 1) : depth;
    };
    for (let round = 0; round < 3; round++) {
      refusal(() => recurse(0), 'ERR_FREEHOLD_STACK_OVERFLOW');
      expect(stack.stats()).toMatchObject({ frames: 0, bytesUsed: 0 });
    }
    const frames: StackFrame[] = [];
    refusal(() => {
      for (;;) frames.push(stack.frame());
    }, 'ERR_FREEHOLD_STACK_OVERFLOW');
    expect([frames.length, stack.stats().frames]).toEqual([4096, 4096]);
    for (const frame of frames.toReversed()) frame.end();
    expect(stack.frame().alloc(64).length).toBe(64);
  });

  test('when the engine’s own stack overflows, the frames beneath end all the same', () => {
    using stack = new Stack({ mode, bytes: 2 ** 30 });
    const recurse = (depth: number): number => {
      const frame = stack.frame();
      try {
        frame.alloc(8);
        return recurse(depth + 1);
      } finally {
        frame.end();
      }
    };
    for (let round = 0; round < 3; round++) {
      using outer = stack.frame();
      const block = outer.alloc(100).fill(1);
      const inner = stack.frame();
      let thrown: unknown;
      try {
        recurse(0);
      } catch (error) {
        thrown = error;
      }
      // The engine's, and none of ours from an end on the way down.
      expect(thrown instanceof RangeError).toBe(true);
      inner.end();
      expect(stack.stats().frames).toBe(1);
      expect(outer.alloc(100).length).toBe(100);
      for (let index = 0; index < block.length; index++) expect(block[index]).toBe(1);
    }
    expect(stack.stats().frames).toBe(0);
  });

  test('the end of a frame ends those above it, whose own end and blocks are refused from then on', () => {
    using stack = new Stack({ mode });
    const outer = stack.frame();
    const inner = [stack.frame(), stack.frame()];
    const block = inner[1].alloc(100);
    outer.end();
    expect(stack.stats()).toMatchObject({ frames: 0, bytesUsed: 0 });
    expect([outer.open, ...inner.map(({ open }) => open)]).toEqual([false, false, false]);
    const next = stack.frame();
    const other = next.alloc(100).fill(3);
    for (const frame of inner) {
      refusal(() => frame.end(), 'ERR_FREEHOLD_FRAME_ORDER');
      refusal(() => frame[Symbol.dispose](), 'ERR_FREEHOLD_FRAME_ORDER');
      refusal(() => frame.alloc(1), 'ERR_FREEHOLD_FRAME_ORDER');
    }
    if (mode === 'detach') expect(block.length).toBe(0);
    expect([next.open, other.every((byte) => byte === 3)]).toEqual([true, true]);
    outer.end();
    next.end();
  });

  test('a frame under newer ones gives no blocks, and nothing has changed', () => {
    using stack = new Stack({ mode });
    const outer = stack.frame();
    const inner = stack.frame();
    const before = stack.stats();
    for (const use of [() => outer.alloc(1), () => outer.allocUnsafe(0), () => outer.tryAlloc(1)])
      refusal(use, 'ERR_FREEHOLD_FRAME_ORDER');
    expect(stack.stats()).toEqual(before);
    inner.end();
    expect(outer.alloc(1).length).toBe(1);
  });

  test('an ended frame ends again without effect, and gives no blocks', () => {
    using stack = new Stack({ mode });
    const frame = stack.frame();
    frame.end();
    const next = stack.frame();
    const block = next.alloc(8);
    frame.end();
    frame[Symbol.dispose]();
    expect([block.length, next.open]).toEqual([8, true]);
    refusal(() => frame.alloc(8), 'ERR_FREEHOLD_FRAME_ORDER');
    next.end();
  });

  test('generators that take turns are told, both of them', () => {
    using stack = new Stack({ mode });
    function* task(value: number): Generator<Block> {
      using frame = stack.frame();
      yield frame.alloc(64).fill(value);
      yield frame.alloc(64).fill(value);
    }
    const [one, two] = [task(1), task(2)];
    const first = one.next().value as Block;
    const second = two.next().value as Block;
    refusal(() => one.next(), 'ERR_FREEHOLD_FRAME_ORDER');
    if (mode === 'detach') expect([first.length, second.length]).toEqual([0, 0]);
    refusal(() => two.return(undefined), 'ERR_FREEHOLD_FRAME_ORDER');
    stack.reset();
    expect(stack.stats()).toMatchObject({ frames: 0, bytesUsed: 0 });
  });

  test('scope gives the result, ends its frame and those left open, also when the function throws', () => {
    using stack = new Stack({ mode });
    const left: StackFrame[] = [];
    const result = stack.scope((frame) => {
      left.push(frame, stack.frame());
      return stack.alloc(100).length;
    });
    expect([result, left.map(({ open }) => open)]).toEqual([100, [false, false]]);
    const reason = new Error('reason');
    expect(() =>
      stack.scope(() => {
        left.push(stack.frame());
        stack.alloc(100);
        throw reason;
      }),
    ).toThrow(reason);
    expect(stack.stats()).toMatchObject({ frames: 0, bytesUsed: 0 });
    refusal(() => stack.scope(async () => stack.alloc(1)), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => stack.scope(5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    stack.scope((frame) => frame.end());
    stack.scope(() => stack.reset());
    expect(stack.stats().frames).toBe(0);
  });

  test('a pin holds frames, reset and dispose', () => {
    const stack = new Stack({ mode });
    const frame = stack.frame();
    const pin = frame.alloc(100).pin();
    for (const end of [() => frame.end(), () => stack.reset(), () => stack.dispose()])
      refusal(end, 'ERR_FREEHOLD_PINNED');
    expect([frame.open, stack.stats().pins, stack.disposed]).toEqual([true, 1, false]);
    pin.release();
    frame.end();
    stack.dispose();
  });

  test('reset and dispose end every frame', () => {
    const stack = new Stack({ mode, name: 'mine' });
    const frames = [stack.frame(), stack.frame()];
    stack.alloc(100);
    stack.reset();
    expect([frames.some(({ open }) => open), stack.stats().frames, stack.stats().bytesUsed]).toEqual([
      false,
      0,
      0,
    ]);
    for (const frame of frames) frame.end();
    const last = stack.frame();
    last.alloc(100);
    stack.dispose();
    stack[Symbol.dispose]();
    last.end();
    expect([last.open, stack.disposed, stack.name, inspect(stack)]).toEqual([
      false,
      true,
      'mine',
      'Stack(mine) { disposed }',
    ]);
    for (const use of [
      () => stack.frame(),
      () => stack.alloc(1),
      () => stack.tryAlloc(1),
      () => stack.reset(),
      () => stack.pin(),
      () => stack.scope(() => 1),
    ])
      refusal(use, 'ERR_FREEHOLD_DISPOSED');
  });

  test('a wrapper stands over a stack as over any allocator', () => {
    using stack = new Stack({ mode });
    using budget = limited(stack, 100);
    using frame = stack.frame();
    budget.alloc(100);
    refusal(() => budget.alloc(1), 'ERR_FREEHOLD_LIMIT');
    expect(frame.open).toBe(true);
  });
});

describe('the views of an ended frame', () => {
  test('have length 0 in mode detach, arrays and views of views too, and are no blocks any more', () => {
    using stack = new Stack();
    const frame = stack.frame();
    const block = frame.alloc(64);
    const views = [block, block.subarray(8), stack.array(Float64Array, 4), new Uint8Array(block.buffer)];
    frame.end();
    expect(views.map(({ length }) => length)).toEqual([0, 0, 0, 0]);
    expect(stack.owns(block)).toBe(false);
    refusal(() => stack.free(block), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => block.address, 'ERR_FREEHOLD_USE_AFTER_FREE');
    block[Symbol.dispose]();
  });

  test.skipIf(!canEscape)('that escaped keep their bytes, which are not handed out again', () => {
    using stack = new Stack();
    const frame = stack.frame();
    const moved = escape(frame.alloc(64).buffer).fill(1);
    frame.end();
    for (let round = 0; round < 20; round++) {
      using next = stack.frame();
      next.alloc(1000).fill(0xee);
    }
    expect(moved.every((byte) => byte === 1)).toBe(true);
  });
});

describe('arguments', () => {
  const make = (options: unknown): Stack => new Stack(options as StackOptions);

  test('that are no options are refused', () => {
    for (const bytes of [null, '64', 63, 0, -1, NaN, 0.5, Infinity, 2 ** 30 + 1, 2 ** 53])
      refusal(() => make({ bytes }), 'ERR_FREEHOLD_INVALID_SIZE');
    for (const options of [null, 5, { mode: 'orphan' }, { mode: null }, { name: 5 }, { frames: 5 }])
      refusal(() => make(options), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    const { message } = refusal(() => make({ byte: 5 }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(message).toContain("did you mean 'bytes'?");
  });

  test('of the smallest and the largest stack are taken', () => {
    const small = make({ bytes: 64 });
    expect([small.alloc(64).length, small.tryAlloc(1)]).toEqual([64, null]);
    const large = make({ bytes: 2 ** 30 });
    expect(large.alloc(1).length).toBe(1);
    for (const stack of [small, large]) stack.dispose();
  });

  test('of members on other receivers are refused', () => {
    const stack = new Stack();
    const frame = stack.frame();
    for (const [object, others] of [
      [stack, [{}, null, frame, new Arena(), Object.create(stack)]],
      [frame, [{}, null, stack, Object.create(frame)]],
    ] as const) {
      const prototype = Object.getPrototypeOf(object) as object;
      for (const key of Reflect.ownKeys(prototype)) {
        if (key === 'constructor') continue;
        const { value, get } = Object.getOwnPropertyDescriptor(prototype, key)!;
        for (const other of others)
          refusal(
            () => Reflect.apply((value ?? get) as () => unknown, other, [1]),
            'ERR_FREEHOLD_INVALID_RECEIVER',
          );
      }
    }
    for (const core of [undefined, null, {}, stack])
      refusal(() => new StackFrame(core as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect([inspect(frame), JSON.stringify(frame), inspect(stack)]).toEqual([
      'StackFrame { open }',
      '{"open":true}',
      'Stack(stack) { 0 of 1048576 bytes in 1 frame(s) }',
    ]);
  });
});
