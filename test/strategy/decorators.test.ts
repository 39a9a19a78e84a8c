import { setImmediate as turn } from 'node:timers/promises';

import {
  type Block,
  Heap,
  RcHeap,
  arenaMemory,
  autoMemory,
  currentAllocator,
  currentStrategy,
  manualMemory,
  withAllocator,
} from 'freehold';
import { describe, expect, expectTypeOf, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

const heap = new Heap();
const rcHeap = new RcHeap();

class Program {
  readonly size = 64;

  @arenaMemory
  scratch(extra: number): number {
    return currentAllocator().alloc(this.size + extra).length;
  }

  @arenaMemory()
  line(): Block {
    return currentAllocator().string('a line');
  }

  @arenaMemory({ escape: 'throw' })
  refused(): Block {
    return this.line();
  }

  @arenaMemory
  async later(): Promise<string[]> {
    await turn();
    const block = currentAllocator().string('later');
    await turn();
    return [currentStrategy(), block.toString()];
  }

  @arenaMemory({ limitBytes: 100_000 })
  async fails(): Promise<void> {
    await turn();
    currentAllocator().alloc(200_000);
  }

  @arenaMemory({ async: false })
  async misled(): Promise<void> {
    await turn();
  }

  @manualMemory
  manual(): string {
    return currentStrategy();
  }

  @manualMemory({ heap })
  kept(): Block {
    return currentAllocator().alloc(10);
  }

  @autoMemory({ heap: rcHeap })
  automatic(): string {
    currentAllocator().alloc(10);
    return currentStrategy();
  }

  @autoMemory
  static both(): string {
    return [currentStrategy(), new Program().manual(), currentStrategy()].join(' ');
  }
}

describe('a decorated method', () => {
  test('runs in its strategy, with its receiver and arguments', () => {
    const program = new Program();
    expect(program.scratch(6)).toBe(70);
    expect(program.manual()).toBe('manual');
    expect(program.automatic()).toBe('automatic');
    expect(rcHeap.stats().blocks).toBe(0);
    expect(Program.both()).toBe('automatic manual automatic');
    expect(withAllocator(heap, () => program.line().allocator)).toBe(heap);
    refusal(() => program.refused(), 'ERR_FREEHOLD_ESCAPE');
    const kept = program.kept();
    expect(kept.allocator).toBe(heap);
    kept[Symbol.dispose]();
  });

  test('may be async', async () => {
    const program = new Program();
    const all = await Promise.all([program.later(), program.later()]);
    expect(all).toEqual([
      ['arena', 'later'],
      ['arena', 'later'],
    ]);
    await expect(program.misled()).rejects.toMatchObject({ code: 'ERR_FREEHOLD_INVALID_ARGUMENT' });
    await expect(program.fails()).rejects.toMatchObject({ code: 'ERR_FREEHOLD_LIMIT' });
  });

  test('keeps its name, its length and its type', () => {
    const { scratch } = Program.prototype;
    expect([scratch.name, scratch.length]).toEqual(['scratch', 1]);
    expectTypeOf(scratch).toEqualTypeOf<(this: Program, extra: number) => number>();
    expectTypeOf(Program.prototype.later).returns.toEqualTypeOf<Promise<string[]>>();
  });
});

describe('a decorator', () => {
  test('is refused on what is no method', () => {
    const decorate = arenaMemory as unknown as (value: unknown, context: unknown) => unknown;
    expect(
      refusal(() => decorate(Program, { kind: 'class' }), 'ERR_FREEHOLD_INVALID_ARGUMENT').message,
    ).toContain('a class');
    refusal(() => decorate(undefined, { kind: 'field' }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => decorate({}, 'name'), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => manualMemory({ heap: 5 as never }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => autoMemory({ heep: 5 } as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('is refused on generators, whose work is done after the call', () => {
    const define = (): unknown =>
      class {
        @arenaMemory
        *lines(): Generator<number> {
          yield 1;
        }
      };
    expect(refusal(define, 'ERR_FREEHOLD_INVALID_ARGUMENT').message).toContain('is a generator');
  });
});
