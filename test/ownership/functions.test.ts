import { setImmediate as turn } from 'node:timers/promises';
import ts from 'typescript';
import type { AsyncOwned } from 'freehold';
import { Owned, Pool, drop, give, own, owned, returnsOwnership, takesOwnership, type Block } from 'freehold';
import { describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';
import { refusal, rejection } from '../lib/codes.ts';

const fails = (message: string) => () => {
  throw new Error(message);
};

/** What a decorator of methods is given besides the method. */
const context = {} as ClassMethodDecoratorContext;

describe('a function that returns ownership', () => {
  test('gives its caller a handle of the resource that it returns', () => {
    using pool = new Pool({ blockBytes: 64 });
    const make = returnsOwnership((text: string) => pool.string(text));
    const handle = make('text');
    expect(handle).toBeInstanceOf(Owned);
    expect(handle.value.toString()).toBe('text');
    handle.dispose();
    expect(pool.blocks).toBe(0);
  });

  test('cannot use a handle any more that it has returned', () => {
    using pool = new Pool({ blockBytes: 64 });
    const kept = owned(pool);
    const handle = returnsOwnership(() => kept)();
    expect(kept.state).toBe('moved');
    expect(handle.state).toBe('owned');
    refusal(
      returnsOwnership(() => kept),
      'ERR_FREEHOLD_MOVED',
    );
    using reader = handle.borrow();
    refusal(
      returnsOwnership(() => handle),
      'ERR_FREEHOLD_BORROWED',
    );
    reader.end();
    handle.dispose();
  });

  test('is refused a handle that `using` has disposed, and a resource that is owned', () => {
    using pool = new Pool({ blockBytes: 64 });
    const wrong = returnsOwnership(() => {
      using made = owned(pool);
      return made;
    });
    refusal(wrong, 'ERR_FREEHOLD_DISPOSED');
    expect(pool.blocks).toBe(0);
    using handle = owned(pool);
    refusal(
      returnsOwnership(() => handle.value),
      'ERR_FREEHOLD_MOVED',
    );
    refusal(
      returnsOwnership(() => 5 as never),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
  });

  test('may return nothing, and a promise of any of it', async () => {
    using pool = new Pool({ blockBytes: 64 });
    expect(returnsOwnership(() => null)()).toBe(null);
    expect(returnsOwnership((): Block | undefined => undefined)()).toBe(undefined);
    expect(await returnsOwnership(async () => null)()).toBe(null);
    const handle = await returnsOwnership(async () => {
      await turn();
      return pool.alloc();
    })();
    expect(handle).toBeInstanceOf(Owned);
    handle.dispose();
    await rejection(returnsOwnership(async () => 5 as never)(), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    await expect(returnsOwnership(async () => fails('later')())()).rejects.toThrow('later');
  });

  test('keeps its receiver, its name and its length, and what it throws', () => {
    const object = {
      ends: 0,
      make: returnsOwnership(function make(this: { ends: number }, by: number) {
        return { [Symbol.dispose]: () => void (this.ends += by) };
      }),
    };
    expect([object.make.name, object.make.length]).toEqual(['make', 1]);
    object.make(3).dispose();
    expect(object.ends).toBe(3);
    expect(returnsOwnership(fails('within'))).toThrow('within');
    refusal(() => returnsOwnership(5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('is a method with a decorator', () => {
    using pool = new Pool({ blockBytes: 64 });
    const handle = owned(pool);
    const method = returnsOwnership(function (this: unknown) {
      return handle;
    }, context);
    const moved = method();
    expect(handle.state).toBe('moved');
    moved.dispose();
  });
});

describe('a function that takes ownership', () => {
  test('has a handle of its own, and the one of its caller is dead', () => {
    using pool = new Pool({ blockBytes: 64 });
    const given = owned(pool);
    const take = takesOwnership((handle: Owned<Block>, factor: number) => {
      expect(handle).not.toBe(given);
      refusal(() => given.value, 'ERR_FREEHOLD_MOVED');
      using mine = handle;
      return mine.value.length * factor;
    }, 0);
    expect(take(given, 2)).toBe(128);
    expect(pool.blocks).toBe(0);
    refusal(() => take(given, 2), 'ERR_FREEHOLD_MOVED');
  });

  test('takes at every position that is named, and leaves others alone', () => {
    using pool = new Pool({ blockBytes: 64 });
    const [a, b, c] = [owned(pool), owned(pool), owned(pool)];
    const kept: Owned<Block>[] = [];
    takesOwnership(
      (first: Owned<Block>, second: Owned<Block>, third: Owned<Block>) => kept.push(first, second, third),
      0,
      2,
    )(a, b, c);
    expect([a.state, b.state, c.state]).toEqual(['moved', 'owned', 'moved']);
    expect(kept.map(({ state }) => state)).toEqual(['owned', 'owned', 'owned']);
    for (const handle of kept) handle.dispose();
    expect(pool.blocks).toBe(0);
  });

  test('takes all or nothing', () => {
    using pool = new Pool({ blockBytes: 64 });
    let calls = 0;
    const take = takesOwnership((_a: Owned<Block>, _b: Owned<Block>) => calls++, 0, 1);
    const [a, b] = [owned(pool), owned(pool)];
    {
      using reader = b.borrow();
      refusal(() => take(a, b), 'ERR_FREEHOLD_BORROWED');
      expect(reader.ended).toBe(false);
    }
    refusal(() => take(a, a), 'ERR_FREEHOLD_MOVED');
    refusal(() => take(a, a.value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    b.dispose();
    refusal(() => take(a, b), 'ERR_FREEHOLD_DISPOSED');
    expect([calls, a.state]).toEqual([0, 'owned']);
    a.dispose();
  });

  test('has what is left of it ended when it throws', () => {
    using pool = new Pool({ blockBytes: 64 });
    let moved: Owned<Block> | undefined;
    const take = takesOwnership(
      (first: Owned<Block>, second: Owned<Block>, third: Owned<Block>) => {
        moved = first.move();
        second.dispose();
        fails(third.state)();
      },
      0,
      1,
      2,
    );
    expect(() => take(owned(pool), owned(pool), owned(pool))).toThrow('owned');
    expect(pool.blocks).toBe(1);
    moved?.dispose();
    expect(pool.blocks).toBe(0);
  });

  test('has what is left of it ended when its promise is rejected, before its caller hears of it', async () => {
    const ends: number[] = [];
    const resource = (id: number) =>
      own({
        async [Symbol.asyncDispose]() {
          await turn();
          ends.push(id);
        },
      });
    const take = takesOwnership(
      async (a: AsyncOwned<AsyncDisposable>, b: AsyncOwned<AsyncDisposable>) => {
        await turn();
        fails(`${a.state}, ${b.state}`)();
      },
      0,
      1,
    );
    await expect(take(resource(1), resource(2))).rejects.toThrow('owned, owned');
    expect(ends).toEqual([2, 1]);
  });

  test('joins the errors of what it throws and of the ends of what is left', async () => {
    const broken = () => own({}, fails('cannot close'));
    const take = takesOwnership((_a: Owned<object>, _b: Owned<object>) => fails('within')(), 0, 1);
    const expected = {
      name: 'SuppressedError',
      error: { message: 'cannot close' },
      suppressed: {
        name: 'SuppressedError',
        error: { message: 'cannot close' },
        suppressed: { message: 'within' },
      },
    };
    expect(thrownBy(() => take(broken(), broken()))).toMatchObject(expected);
    const later = takesOwnership(async (_a: Owned<object>, _b: Owned<object>) => fails('within')(), 0, 1);
    expect(await later(broken(), broken()).catch((error: unknown) => error)).toMatchObject(expected);
  });

  test('leaves what it has when it returns', async () => {
    using pool = new Pool({ blockBytes: 64 });
    const kept: Owned<Block>[] = [];
    takesOwnership((handle: Owned<Block>) => kept.push(handle), 0)(owned(pool));
    await takesOwnership(async (handle: Owned<Block>) => kept.push(handle), 0)(owned(pool));
    expect(kept.map(({ state }) => state)).toEqual(['owned', 'owned']);
    for (const handle of kept) handle.dispose();
  });

  test('may be called without a handle where one can be left out', () => {
    const take = takesOwnership((handle?: Owned<Block> | null) => handle, 0);
    expect(take()).toBe(undefined);
    expect(take(null)).toBe(null);
  });

  test('is a method with a decorator, which keeps its receiver', () => {
    using pool = new Pool({ blockBytes: 64 });
    const queue = {
      items: [] as Owned<Block>[],
      push: takesOwnership(0)(function push(this: { items: Owned<Block>[] }, item: Owned<Block>) {
        return this.items.push(item);
      }, context as never),
    };
    const item = owned(pool);
    expect(queue.push(item)).toBe(1);
    expect(item.state).toBe('moved');
    expect([queue.push.name, queue.push.length]).toEqual(['push', 1]);
    queue.items[0].dispose();
  });

  test('names its positions', () => {
    const fn = (handle: Owned<Block>) => handle;
    for (const positions of [[], [0, 0], [-1], [0.5], ['0'], [NaN]])
      expect(() => (takesOwnership as (...args: unknown[]) => unknown)(fn, ...positions)).toThrow(
        expect.objectContaining({ name: 'FreeholdError' }) as Error,
      );
    refusal(() => takesOwnership('0' as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => takesOwnership(0)(5 as never, context as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});

test('the standard decorators that TypeScript compiles check at run time', async () => {
  const source = `
    import { Pool, owned, returnsOwnership, takesOwnership, type Block, type Owned } from 'freehold';
    const pool = new Pool({ blockBytes: 64 });
    class Queue {
      #items: Owned<Block>[] = [];
      @takesOwnership(0)
      push(item: Owned<Block>): void { this.#items.push(item); }
      @returnsOwnership
      shift(): Owned<Block> | undefined { return this.#items.shift(); }
      @returnsOwnership
      async next(): Promise<Owned<Block>> { return this.#items[0]; }
    }
    const queue = new Queue();
    const item = owned(pool, 64);
    queue.push(item);
    console.log(item.state);
    const next = await queue.next();
    try { queue.shift(); } catch (error) { console.log((error as { code: string }).code); }
    console.log(next.state, queue.shift());
    next.dispose();
    console.log(pool.blocks);
  `;
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const { stdout } = await runChild(outputText);
  expect(stdout).toBe('moved\nERR_FREEHOLD_MOVED\nowned undefined\n0\n');
});

describe('drop', () => {
  test('ends what a handle owns', () => {
    using pool = new Pool({ blockBytes: 64 });
    const handle: Owned<Block> = owned(pool);
    const alias = handle;
    drop(handle);
    expect([alias.state, pool.blocks]).toEqual(['disposed', 0]);
    const moved: Owned<Block> = owned(pool);
    const next = moved.move();
    const again: Owned<Block> = moved;
    refusal(() => {
      drop(again);
    }, 'ERR_FREEHOLD_MOVED');
    next.dispose();
    const wrong: Owned<Block> = {} as never;
    refusal(() => {
      drop(wrong);
    }, 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});

describe('give', () => {
  test('moves what a handle owns to a function', () => {
    using pool = new Pool({ blockBytes: 64 });
    const handle: Owned<Block> = owned(pool);
    const alias = handle;
    const kept: Owned<Block>[] = [];
    give(handle, (it) => kept.push(it));
    expect([alias.state, kept[0].state]).toEqual(['moved', 'owned']);
    kept[0].dispose();
  });

  test('ends it when the function throws, at once or later', async () => {
    using pool = new Pool({ blockBytes: 64 });
    const first: Owned<Block> = owned(pool);
    expect(() => {
      give(first, fails('within'));
    }).toThrow('within');
    expect(pool.blocks).toBe(0);
    const second: Owned<Block> = owned(pool);
    const unhandled = new Promise((resolve) => process.once('unhandledRejection', resolve));
    give(second, async () => fails('later')());
    expect(await unhandled).toMatchObject({ message: 'later' });
    expect(pool.blocks).toBe(0);
  });

  test('refuses what is no handle, and no function', () => {
    using pool = new Pool({ blockBytes: 64 });
    const handle: Owned<Block> = owned(pool);
    const [alias, wrong]: [Owned<Block>, Owned<Block>] = [handle, {} as never];
    refusal(() => {
      give(wrong, () => undefined);
    }, 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => {
      give(handle, 5 as never);
    }, 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(alias.state).toBe('owned');
    alias.dispose();
  });
});

test('what the compiler cannot see is found when it runs', () => {
  using pool = new Pool({ blockBytes: 64 });
  const first = owned(pool);
  const second = first.move(); // No type says that `first` is dead.
  refusal(() => first.value, 'ERR_FREEHOLD_MOVED');
  const third: Owned<Block> = second;
  drop(third);
  const takes = (handle: Owned<Block>) => handle.value;
  refusal(() => takes(third), 'ERR_FREEHOLD_DISPOSED'); // A `never` may be handed to anything.
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
