import { inspect } from 'node:util';
import { setImmediate as turn } from 'node:timers/promises';
import type { AsyncDeferred } from 'freehold';
import { AsyncScope, Pool, deferAsync, own, owned } from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal, rejection } from '../lib/codes.ts';

/** Writes down what runs: its begin, and in a later turn its end. */
function journal() {
  const lines: string[] = [];
  const note = (line: string) => async () => {
    lines.push(`${line}…`);
    await turn();
    lines.push(line);
  };
  const fail = (line: string) => async () => {
    await turn();
    throw new Error(line);
  };
  return { lines, note, fail };
}

describe('deferAsync', () => {
  test('is awaited at the end of its scope, and runs once', async () => {
    const { lines, note } = journal();
    {
      await using _first = deferAsync(note('first'));
      await using second: AsyncDeferred = deferAsync(note('second'));
      expect([second.pending, inspect(second)]).toEqual([true, 'AsyncDeferred { pending }']);
    }
    expect(lines).toEqual(['second…', 'second', 'first…', 'first']);
    const cancelled = deferAsync(note('cancelled'));
    cancelled.cancel();
    await cancelled[Symbol.asyncDispose]();
    expect(JSON.stringify(cancelled)).toBe('{"pending":false}');
    expect(lines.length).toBe(4);
    refusal(() => deferAsync(5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});

describe('an AsyncScope', () => {
  test('awaits each cleanup before the next', async () => {
    const { lines, note } = journal();
    {
      await using scope = new AsyncScope();
      scope.defer(note('1'));
      scope.use({ [Symbol.asyncDispose]: note('2') });
      scope.use({ [Symbol.dispose]: () => void lines.push('3') });
      scope.adopt('4', async (value) => note(value)());
      scope.own({ [Symbol.asyncDispose]: note('5') });
      scope.errdefer(note('6'));
      expect(scope.use(null)).toBe(null);
      expect([scope.pending, scope.state]).toEqual([6, 'open']);
    }
    expect(lines).toEqual(['5…', '5', '4…', '4', '3', '2…', '2', '1…', '1']);
  });

  test('ends once, and takes nothing more', async () => {
    const { lines, note } = journal();
    const scope = new AsyncScope();
    scope.defer(note('once'));
    await Promise.all([scope.disposeAsync(), scope.disposeAsync(), scope[Symbol.asyncDispose]()]);
    expect(lines).toEqual(['once…', 'once']);
    for (const use of [
      () => scope.defer(async () => undefined),
      () => scope.errdefer(async () => undefined),
      () => scope.use(null),
      () => scope.adopt(1, () => undefined),
      () => scope.own({ [Symbol.dispose]: () => undefined }),
      () => scope.release(1),
      () => scope.succeed(),
      () => scope.fail(),
      () => scope.transfer(),
    ])
      refusal(use, 'ERR_FREEHOLD_DISPOSED');
  });

  test('does all of it when some of it is rejected, and throws one error of all', async () => {
    const { lines, note, fail } = journal();
    const scope = new AsyncScope();
    scope.defer(fail('1'));
    scope.defer(note('2'));
    scope.defer(fail('3'));
    expect(await scope.disposeAsync().catch((error: unknown) => error)).toMatchObject({
      name: 'SuppressedError',
      error: { message: '1' },
      suppressed: { message: '3' },
    });
    expect(lines).toEqual(['2…', '2']);
  });

  test('owns blocks, handles and values alone, and gives them back', async () => {
    using pool = new Pool({ blockBytes: 64 });
    const scope = new AsyncScope();
    const [a, b] = [scope.own(pool.alloc()), scope.own(pool.alloc())];
    const handle = scope.own(owned(pool));
    const closed: number[] = [];
    scope.own(5, async (value) => void closed.push(value));
    refusal(() => own(a), 'ERR_FREEHOLD_MOVED');
    expect(scope.release(a)).toBe(a);
    await scope.disposeAsync();
    expect([pool.owns(a), pool.owns(b), handle.state, closed]).toEqual([true, false, 'disposed', [5]]);
    pool.free(a);
  });

  test('hands everything on with transfer, but for errdefer', async () => {
    const { lines, note } = journal();
    const scope = new AsyncScope({ failUnless: 'succeeded' });
    scope.defer(note('1'));
    scope.errdefer(note('not this'));
    const outer = new AsyncScope();
    expect(scope.transfer(outer)).toBe(outer);
    await scope.disposeAsync();
    expect(lines).toEqual([]);
    refusal(() => scope.defer(() => undefined), 'ERR_FREEHOLD_MOVED');
    refusal(() => outer.transfer({} as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(inspect(outer)).toBe('AsyncScope { open, 1 pending }');
    await outer.transfer().disposeAsync();
    expect(lines).toEqual(['1…', '1']);
  });

  test('runs errdefer when it has failed', async () => {
    const { lines, note } = journal();
    {
      await using scope = new AsyncScope({ failUnless: 'succeeded' });
      scope.errdefer(note('1'));
    }
    {
      await using scope = new AsyncScope();
      scope.errdefer(note('2'));
      scope.fail();
      expect(scope.toJSON()).toEqual({ state: 'open', failed: true, pending: 1 });
    }
    {
      await using scope = new AsyncScope({ failUnless: 'succeeded' });
      scope.errdefer(note('3'));
      scope.succeed();
    }
    expect(lines).toEqual(['1…', '1', '2…', '2']);
  });
});

describe('AsyncScope.run', () => {
  test('ends its scope when the promise of its function is kept', async () => {
    const { lines, note } = journal();
    const result = await AsyncScope.run(async (scope) => {
      scope.defer(note('deferred'));
      scope.errdefer(note('failed'));
      await turn();
      return 5;
    });
    expect([result, ...lines]).toEqual([5, 'deferred…', 'deferred']);
  });

  test('ends it as failed when it throws or is rejected, and joins the errors', async () => {
    const { lines, note, fail } = journal();
    const failing = AsyncScope.run(async (scope) => {
      scope.defer(fail('cleanup'));
      scope.errdefer(note('failed'));
      await fail('body')();
    });
    expect(await failing.catch((error: unknown) => error)).toMatchObject({
      name: 'SuppressedError',
      error: { message: 'cleanup' },
      suppressed: { message: 'body' },
    });
    const throwing = AsyncScope.run((scope) => {
      scope.errdefer(note('thrown'));
      throw new Error('at once');
    });
    await expect(throwing).rejects.toThrow('at once');
    expect(lines).toEqual(['failed…', 'failed', 'thrown…', 'thrown']);
    await rejection(AsyncScope.run(5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});
