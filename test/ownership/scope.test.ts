import { inspect } from 'node:util';
import { setImmediate as turn } from 'node:timers/promises';
import type { Block, Deferred } from 'freehold';
import { Arena, Pool, Scope, defer, own, owned, scoped } from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

/** Writes down what runs. */
function journal() {
  const lines: string[] = [];
  const note = (line: string) => () => void lines.push(line);
  const fail = (line: string) => () => {
    lines.push(line);
    throw new Error(line);
  };
  const resource = (line: string): Disposable => ({ [Symbol.dispose]: note(line) });
  return { lines, note, fail, resource };
}

/** What a function throws, errors that suppress others as a list: the last thrown first. */
function messagesOf(run: () => unknown): string[] {
  const messages: string[] = [];
  try {
    run();
  } catch (error) {
    let each = error as Error | SuppressedError;
    while ('suppressed' in each) {
      expect(each.name).toBe('SuppressedError');
      messages.push((each.error as Error).message);
      each = each.suppressed as Error;
    }
    messages.push(each.message);
  }
  return messages;
}

describe('defer', () => {
  test('runs a function once, at the end of its scope, whatever ends that', () => {
    const { lines, note } = journal();
    const run = (how: 'end' | 'return' | 'throw') => {
      using _first = defer(note(`${how}: first`));
      using _second = defer(note(`${how}: second`));
      lines.push(how);
      if (how === 'return') return;
      if (how === 'throw') throw new Error(how);
      lines.push('reached');
    };
    run('end');
    run('return');
    expect(() => run('throw')).toThrow('throw');
    expect(lines).toEqual([
      ...['end', 'reached', 'end: second', 'end: first'],
      ...['return', 'return: second', 'return: first'],
      ...['throw', 'throw: second', 'throw: first'],
    ]);
  });

  test('runs nothing when it was cancelled, and nothing twice', () => {
    const { lines, note } = journal();
    const cancelled = defer(note('cancelled'));
    cancelled.cancel();
    cancelled[Symbol.dispose]();
    const once: Deferred = defer(() => {
      lines.push('once');
      once[Symbol.dispose]();
    });
    expect([once.pending, inspect(once), JSON.stringify(once)]).toEqual([
      true,
      'Deferred { pending }',
      '{"pending":true}',
    ]);
    once[Symbol.dispose]();
    once[Symbol.dispose]();
    expect(lines).toEqual(['once']);
    expect([once.pending, inspect(once)]).toEqual([false, 'Deferred { done }']);
  });

  test('refuses what is no function', () => {
    for (const value of [undefined, null, 5, {}, 'text'])
      refusal(() => defer(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});

describe('a scope', () => {
  test('does at its end what it was asked for, the last first, once', () => {
    const { lines, note, resource } = journal();
    const scope = new Scope();
    scope.defer(note('1'));
    scope.use(resource('2'));
    scope.adopt('3', (value) => lines.push(value));
    scope.own(resource('4'));
    scope.own('5', (value) => lines.push(value));
    scope.errdefer(note('6'));
    expect([scope.pending, scope.state]).toEqual([6, 'open']);
    scope.dispose();
    scope.dispose();
    scope[Symbol.dispose]();
    expect(lines).toEqual(['5', '4', '3', '2', '1']);
    expect([scope.pending, scope.state]).toEqual([0, 'ended']);
  });

  test('takes nothing more when it has ended, also while it ends', () => {
    const scope = new Scope();
    const late: string[] = [];
    scope.defer(() => {
      refusal(() => scope.defer(() => late.push('late')), 'ERR_FREEHOLD_DISPOSED');
      scope.dispose();
    });
    scope.dispose();
    for (const use of [
      () => scope.defer(() => undefined),
      () => scope.errdefer(() => undefined),
      () => scope.use({ [Symbol.dispose]: () => undefined }),
      () => scope.use(null),
      () => scope.adopt(1, () => undefined),
      () => scope.own({ [Symbol.dispose]: () => undefined }),
      () => scope.release(1),
      () => scope.succeed(),
      () => scope.fail(),
      () => scope.transfer(),
      () => new Scope().transfer(scope),
    ])
      refusal(use, 'ERR_FREEHOLD_DISPOSED');
    expect(late).toEqual([]);
  });

  test('does all of it when some of it throws, and throws one error of all', () => {
    const { lines, note, fail } = journal();
    const scope = new Scope();
    scope.defer(fail('1'));
    scope.defer(note('2'));
    scope.defer(fail('3'));
    scope.adopt(0, fail('4'));
    expect(messagesOf(() => scope.dispose())).toEqual(['1', '3', '4']);
    expect(lines).toEqual(['4', '3', '2', '1']);
    const single = new Scope();
    single.defer(fail('alone'));
    expect(messagesOf(() => single.dispose())).toEqual(['alone']);
    const nothing = new Scope();
    nothing.defer(() => {
      throw undefined as unknown as Error;
    });
    expect(() => nothing.dispose()).toThrow();
  });

  test('runs errdefer when it was told that it has failed, in its order among the others', () => {
    const { lines, note } = journal();
    const scope = new Scope();
    scope.defer(note('1'));
    scope.errdefer(note('2'));
    scope.defer(note('3'));
    scope.fail();
    expect(scope.failed).toBe(true);
    scope.dispose();
    expect(lines).toEqual(['3', '2', '1']);
    const other = new Scope();
    other.errdefer(note('not this'));
    other.fail();
    other.succeed();
    other.dispose();
    expect(lines).toEqual(['3', '2', '1']);
  });

  test("has failed unless it succeeded, when it is made with failUnless: 'succeeded'", () => {
    const { lines, note } = journal();
    const run = (how: 'throw' | 'return' | 'succeed' | 'transfer') => {
      using scope = new Scope({ failUnless: 'succeeded' });
      scope.errdefer(note(how));
      if (how === 'throw') throw new Error(how);
      if (how === 'return') return undefined;
      if (how === 'succeed') scope.succeed();
      return how === 'transfer' ? scope.transfer() : undefined;
    };
    expect(() => run('throw')).toThrow('throw');
    run('return');
    run('succeed');
    run('transfer')?.dispose();
    expect(lines).toEqual(['throw', 'return']);
    refusal(() => new Scope({ failUnless: 'failed' as never }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => new Scope({ failUnles: 'succeeded' } as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('hands everything on with transfer, but for errdefer, and does nothing any more', () => {
    const { lines, note, resource } = journal();
    const scope = new Scope();
    for (const name of ['a', 'b', 'c']) {
      scope.errdefer(note(`not ${name}`));
      scope.own(resource(name));
      scope.errdefer(note(`not ${name}`));
    }
    scope.fail();
    const next = scope.transfer();
    expect([scope.state, scope.pending, scope.failed, next.pending]).toEqual(['transferred', 0, false, 3]);
    scope.dispose();
    refusal(() => scope.defer(() => undefined), 'ERR_FREEHOLD_MOVED');
    refusal(() => scope.transfer(), 'ERR_FREEHOLD_MOVED');
    expect(lines).toEqual([]);
    const outer = new Scope();
    outer.defer(note('outer'));
    expect(next.transfer(outer)).toBe(outer);
    outer.defer(note('last'));
    outer.dispose();
    expect(lines).toEqual(['last', 'c', 'b', 'a', 'outer']);
    const empty = new Scope();
    refusal(() => empty.transfer(empty), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => empty.transfer({} as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(empty.transfer().pending).toBe(0);
  });

  test('is the only owner of what own was given, until its end or release', () => {
    using pool = new Pool({ blockBytes: 64 });
    const scope = new Scope();
    const [a, b] = [scope.own(pool.alloc()), scope.own(pool.alloc())];
    refusal(() => own(a), 'ERR_FREEHOLD_MOVED');
    refusal(() => scope.own(a), 'ERR_FREEHOLD_MOVED');
    expect(scope.release(a)).toBe(a);
    refusal(() => scope.release(a), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => scope.release(undefined), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(own(a).release()).toBe(a);
    scope.dispose();
    expect([pool.owns(a), pool.owns(b)]).toEqual([true, false]);
    pool.free(a);
  });

  test('ends what a handle owns at its end, not what was moved on', () => {
    using pool = new Pool({ blockBytes: 64 });
    const scope = new Scope();
    const [first, second] = [scope.own(owned(pool)), scope.own(owned(pool))];
    const moved = first.move();
    scope.dispose();
    expect([moved.state, second.state, pool.blocks]).toEqual(['owned', 'disposed', 1]);
    moved.dispose();
  });

  test('takes out of the middle what release is given', () => {
    const { lines, resource } = journal();
    const scope = new Scope();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => scope.use(resource(name)));
    scope.release(b);
    scope.release(c);
    scope.dispose();
    expect(lines).toEqual(['a']);
    expect(a).toBeDefined();
  });

  test('refuses what has no end that it could run', () => {
    const scope = new Scope();
    for (const value of [5, 'text', {}, () => undefined, { [Symbol.asyncDispose]: async () => undefined }]) {
      refusal(() => scope.use(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
    for (const value of [undefined, null, 5, {}, () => undefined])
      refusal(() => scope.own(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    const later = { [Symbol.asyncDispose]: async () => undefined };
    refusal(() => scope.own(later as never), 'ERR_FREEHOLD_INVALID_RECEIVER');
    refusal(() => scope.own(own(later) as never), 'ERR_FREEHOLD_INVALID_RECEIVER');
    for (const value of [undefined, null, 5, {}]) {
      refusal(() => scope.defer(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      refusal(() => scope.errdefer(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      refusal(() => scope.adopt(1, value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
    expect(scope.use(null)).toBe(null);
    expect(scope.use(undefined as Disposable | undefined)).toBe(undefined);
    expect(scope.pending).toBe(0);
  });

  test('leaves to its caller what a getter ends it with', () => {
    const scope = new Scope();
    let ends = 0;
    const resource = {
      get [Symbol.dispose]() {
        scope.dispose();
        return () => {
          ends++;
        };
      },
    };
    refusal(() => scope.own(resource), 'ERR_FREEHOLD_DISPOSED');
    own(resource).dispose();
    expect(ends).toBe(1);
  });

  test('says in logs how it is', () => {
    const scope = new Scope();
    scope.defer(() => undefined);
    expect(JSON.stringify(scope)).toBe('{"state":"open","failed":false,"pending":1}');
    expect(inspect(scope)).toBe('Scope { open, 1 pending }');
    scope.fail();
    scope.dispose();
    expect(inspect(scope)).toBe('Scope { ended, 0 pending, failed }');
  });
});

describe.each([
  ['scoped', scoped],
  ['Scope.run', Scope.run],
] as const)('%s', (_name, run) => {
  test('ends its scope when its function returns', () => {
    const { lines, note } = journal();
    const result = run((scope) => {
      scope.defer(note('deferred'));
      scope.errdefer(note('failed'));
      lines.push('body');
      return 5;
    });
    expect([result, ...lines]).toEqual([5, 'body', 'deferred']);
  });

  test('ends it as failed when its function throws', () => {
    const { lines, note, fail } = journal();
    expect(
      messagesOf(() =>
        run((scope) => {
          scope.defer(note('1'));
          scope.errdefer(note('2'));
          fail('body')();
        }),
      ),
    ).toEqual(['body']);
    expect(lines).toEqual(['body', '2', '1']);
  });

  test('joins what its function throws and what the cleanups throw', () => {
    const { fail } = journal();
    expect(
      messagesOf(() =>
        run((scope) => {
          scope.defer(fail('1'));
          scope.errdefer(fail('2'));
          fail('body')();
        }),
      ),
    ).toEqual(['1', '2', 'body']);
    expect(messagesOf(() => run((scope) => scope.defer(fail('alone'))))).toEqual(['alone']);
  });

  test('ends it as failed when its function says so', () => {
    const { lines, note } = journal();
    run((scope) => {
      scope.errdefer(note('failed'));
      scope.fail();
    });
    expect(lines).toEqual(['failed']);
  });

  test('ends it when a promise is kept or rejected', async () => {
    const { lines, note, fail } = journal();
    const kept = run(async (scope) => {
      scope.defer(note('deferred'));
      scope.errdefer(note('not this'));
      await turn();
      lines.push('body');
      return 5;
    });
    expect(lines).toEqual([]);
    expect(await kept).toBe(5);
    expect(lines).toEqual(['body', 'deferred']);
    const rejected = run(async (scope) => {
      scope.defer(fail('1'));
      scope.errdefer(note('2'));
      await turn();
      fail('later')();
    });
    const error: unknown = await rejected.catch((reason: unknown) => reason);
    expect(
      messagesOf(() => {
        throw error;
      }),
    ).toEqual(['1', 'later']);
    expect(lines).toEqual(['body', 'deferred', 'later', '2', '1']);
  });

  test('hands its scope on by transfer', () => {
    const { lines, note } = journal();
    const next = run((scope) => {
      scope.defer(note('deferred'));
      return scope.transfer();
    });
    expect(lines).toEqual([]);
    next.dispose();
    expect(lines).toEqual(['deferred']);
  });

  test('frees blocks in the order of their scope, with an arena', () => {
    using arena = new Arena();
    for (let round = 0; round < 100; round++) {
      run((scope) => {
        const mark = arena.mark();
        scope.defer(() => arena.rewind(mark));
        const block: Block = scope.own(arena.alloc(64));
        block.fill(round);
      });
      expect(arena.used).toBe(0);
    }
  });

  test('refuses what is no function', () => {
    for (const value of [undefined, null, 5, {}])
      refusal(() => run(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});
