import { AsyncResource } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';

import {
  type Arena,
  Arena as ArenaClass,
  type BlockAllocator,
  Heap,
  Pool,
  RcHeap,
  auto,
  configure,
  currentAllocator,
  currentStrategy,
  defaultHeap,
  defaultRcHeap,
  destroyArena,
  getArena,
  limited,
  withAllocator,
  withArena,
  withAuto,
  withManual,
} from 'freehold';
import { afterEach, describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';
import { refusal } from '../lib/codes.ts';

const entry = new URL('../../dist/index.js', import.meta.url).href;

afterEach(() => {
  configure({ strategy: 'automatic' });
});

describe('outside of all scopes', () => {
  test('the default strategy decides, which configure sets', () => {
    expect([currentStrategy(), currentAllocator()]).toEqual(['automatic', defaultRcHeap()]);
    configure({ strategy: 'manual' });
    expect(currentStrategy()).toBe('manual');
    expect(currentAllocator()).toBe(defaultHeap());
    configure({});
    expect(currentStrategy()).toBe('manual');
    configure({ strategy: 'arena' });
    expect(currentStrategy()).toBe('arena');
    expect(currentAllocator()).toBe(getArena('default'));
    destroyArena('default');
    expect(currentAllocator()).toBe(getArena('default'));
  });

  test('what is no strategy changes nothing', () => {
    expect(
      refusal(() => configure({ strategy: 'arenas' as never }), 'ERR_FREEHOLD_INVALID_ARGUMENT').message,
    ).toContain("'automatic', 'manual', 'arena'");
    expect(
      refusal(() => configure({ stratgy: 'arena' } as never), 'ERR_FREEHOLD_INVALID_ARGUMENT').message,
    ).toContain("'strategy'");
    refusal(() => configure(null as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(currentStrategy()).toBe('automatic');
  });
});

describe('FREEHOLD_STRATEGY', () => {
  const source = "import { currentStrategy } from 'freehold'; console.log(currentStrategy());";

  test.each(['automatic', 'manual', 'arena'])(
    '%s is the default strategy, of workers too',
    async (strategy) => {
      const worker = `import { Worker } from 'node:worker_threads';
      new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(source)})), { eval: false });`;
      const env = { FREEHOLD_STRATEGY: strategy };
      expect((await runChild(source, { env })).stdout).toBe(`${strategy}\n`);
      expect((await runChild(worker.replace("from 'freehold'", `from '${entry}'`), { env })).stdout).toBe(
        `${strategy}\n`,
      );
    },
  );

  test('that names none is an error where it is asked for', async () => {
    const failing = `import { currentStrategy, Arena } from 'freehold';
      new Arena().alloc(1);
      try { currentStrategy(); } catch (error) { console.log(error.code, error.message); }`;
    const { stdout } = await runChild(failing, { env: { FREEHOLD_STRATEGY: 'arenas' } });
    expect(stdout).toContain('ERR_FREEHOLD_INVALID_ARGUMENT FREEHOLD_STRATEGY must be one of');
  });
});

describe('a scope', () => {
  test('sets the allocator for whatever is called in it, and sets back what was before', () => {
    using heap = new Heap();
    const seen: [string, BlockAllocator][] = [];
    const look = (): void => void seen.push([currentStrategy(), currentAllocator()]);
    let arena: Arena | undefined;
    withManual(
      () => {
        look();
        withArena((inner) => {
          arena = inner;
          look();
          auto(look);
          look();
        });
        look();
      },
      { heap },
    );
    look();
    expect(seen.map(([strategy]) => strategy)).toEqual([
      'manual',
      'arena',
      'automatic',
      'arena',
      'manual',
      'automatic',
    ]);
    expect(seen.map(([, allocator]) => allocator === heap)).toEqual([true, false, false, false, true, false]);
    expect(seen.map(([, allocator]) => allocator === arena)).toEqual([
      false,
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(seen[5][1]).toBe(defaultRcHeap());
  });

  test('sets back what was before also when it throws', () => {
    const fail = (): void => {
      throw new Error('on purpose');
    };
    for (const run of [withArena, withManual, withAuto] as ((body: () => void) => void)[]) {
      expect(() => {
        run(fail);
      }).toThrow('on purpose');
      expect(currentAllocator()).toBe(defaultRcHeap());
    }
  });

  test('ends what is its own when it throws', () => {
    let arena: Arena | undefined;
    const run = (): unknown =>
      withArena((inner) => {
        arena = inner;
        throw new Error('on purpose');
      });
    expect(run).toThrow('on purpose');
    expect(arena?.disposed).toBe(true);
    using heap = new RcHeap();
    const allocate = (): unknown =>
      withAuto(
        (memory) => {
          memory.alloc(1);
          throw new Error('on purpose');
        },
        { heap },
      );
    expect(allocate).toThrow('on purpose');
    expect(heap.stats().blocks).toBe(0);
  });

  test('over any allocator of this package names its strategy', () => {
    using heap = new Heap();
    using rc = new RcHeap();
    using arena = new ArenaClass();
    using pool = new Pool({ blockBytes: 64 });
    const few = limited(heap, 1000);
    const strategies = [heap, rc, arena, pool, few].map((allocator) =>
      withAllocator(allocator, (inner) => {
        expect(currentAllocator()).toBe(inner);
        return currentStrategy();
      }),
    );
    expect(strategies).toEqual(['manual', 'automatic', 'arena', 'manual', 'manual']);
    refusal(() => withAllocator({ alloc: () => 1 } as never, () => 1), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('refuses what is no function and options that it has not', () => {
    for (const run of [withArena, withManual, withAuto] as ((...args: unknown[]) => unknown)[]) {
      refusal(() => run(), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      refusal(() => run(() => 1, { asnyc: true }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      refusal(() => run(() => 1, { async: 1 }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      refusal(() => run(() => 1, 5), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
    refusal(() => withManual(() => 1, { heap: {} as never }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => withArena(() => 1, { escape: 'copy' as never }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => withArena(() => 1, { limitBytes: -1 }), 'ERR_FREEHOLD_INVALID_SIZE');
    expect(currentAllocator()).toBe(defaultRcHeap());
  });
});

describe('a scope of an async function', () => {
  test('goes on after each await, beside others', async () => {
    const work = async (arena: Arena): Promise<boolean[]> => {
      const seen = [currentAllocator() === arena];
      for (let step = 0; step < 5; step++) {
        await (step % 2 === 0 ? turn() : Promise.resolve());
        seen.push(currentAllocator() === arena);
        withManual(() => {
          seen.push(currentAllocator() === defaultHeap());
        });
        seen.push(currentAllocator() === arena);
      }
      return seen;
    };
    const all = await Promise.all(Array.from({ length: 10 }, () => withArena(async (arena) => work(arena))));
    expect(all.flat().every(Boolean)).toBe(true);
    expect(all.flat()).toHaveLength(160);
    expect(currentAllocator()).toBe(defaultRcHeap());
  });

  test('is not that of the code that has not awaited it', async () => {
    let inside: Arena | undefined;
    const running = withArena(async (arena) => {
      inside = arena;
      await turn();
      return currentAllocator() === arena;
    });
    expect(currentAllocator()).toBe(defaultRcHeap());
    expect(inside?.disposed).toBe(false);
    expect(await running).toBe(true);
    expect(inside?.disposed).toBe(true);
  });

  test('nested in another gives way to that when it ends', async () => {
    using outer = new Heap();
    const seen = await withManual(
      async () => {
        const inner = await withAuto(async (memory) => {
          await turn();
          return currentAllocator() === memory;
        });
        return [inner, currentAllocator() === outer];
      },
      { heap: outer },
    );
    expect(seen).toEqual([true, true]);
  });

  test('reaches what is bound to it', async () => {
    const bound = await withArena(async (arena) => {
      await turn();
      const look = AsyncResource.bind(() => currentAllocator() === arena);
      expect(look()).toBe(true);
      return look;
    });
    // The scope is over: its arena is found, and is disposed.
    expect(bound()).toBe(true);
    expect(currentAllocator()).toBe(defaultRcHeap());
  });

  test('ends when it rejects', async () => {
    let kept: Arena | undefined;
    const running = withArena(async (arena) => {
      kept = arena;
      await turn();
      throw new Error('on purpose');
    });
    await expect(running).rejects.toThrow('on purpose');
    expect(kept?.disposed).toBe(true);
  });
});

test('a generator is refused: it would run when its scope is over', () => {
  let arena: Arena | undefined;
  const body = function* (inner: Arena): Generator<number> {
    arena = inner;
    yield 1;
  };
  const later = async function* (inner: Arena): AsyncGenerator<number> {
    arena = inner;
    yield await Promise.resolve(1);
  };
  expect(refusal(() => withArena(body), 'ERR_FREEHOLD_INVALID_ARGUMENT').message).toContain('generator');
  refusal(() => withAuto(later as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  refusal(() => withArena(later, { async: true }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  expect(arena).toBeUndefined();
});

describe('a function that is not async and returns a promise', () => {
  const inner = async (): Promise<BlockAllocator> => {
    await turn();
    return currentAllocator();
  };

  test('is an error that says what to write, and the scope lives as long as the work', async () => {
    let kept: Arena | undefined;
    let finish = (): void => undefined;
    const work = new Promise<void>((resolve) => (finish = resolve));
    const error = refusal(
      () =>
        withArena((arena) => {
          kept = arena;
          return work;
        }),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
    expect(error.message).toContain('async () =>');
    await turn();
    expect(kept?.disposed).toBe(false);
    finish();
    await turn();
    expect(kept?.disposed).toBe(true);
  });

  test('is none where it says so', async () => {
    let kept: Arena | undefined;
    const found = await withArena(
      (arena) => {
        kept = arena;
        return inner();
      },
      { async: true },
    );
    expect(found).toBe(kept);
    using heap = new Heap();
    expect(await withManual(() => inner(), { heap, async: true })).toBe(heap);
    expect(await withAllocator(heap, () => inner(), { async: true })).toBe(heap);
  });

  test('whose work fails says only that, and nothing of the failure', async () => {
    refusal(() => withArena(() => Promise.reject(new Error('on purpose'))), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    await turn();
  });

  test('may return another thenable, too', async () => {
    const thenable = {
      then: (resolve: (value: number) => void): void => {
        resolve(5);
      },
    };
    refusal(() => withArena(() => thenable), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(await withArena(() => thenable, { async: true })).toBe(5);
    const trap = {
      get then() {
        throw new Error('on purpose');
      },
    };
    expect(() => withArena(() => trap)).toThrow('on purpose');
    expect(currentAllocator()).toBe(defaultRcHeap());
    await turn();
  });
});
