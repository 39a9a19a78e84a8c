import { inspect } from 'node:util';
import { setImmediate as turn } from 'node:timers/promises';
import { Arena, Borrowed, BorrowedMut, Pool, borrow, borrowMut, own, owned } from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal, rejection } from '../lib/codes.ts';

function pooled() {
  const pool = new Pool({ blockBytes: 64 });
  return { pool, handle: owned(pool) };
}

describe('while readers have borrowed it', () => {
  test('an owner can neither use, end, move nor release it, nor lend it to a writer', () => {
    const { pool, handle } = pooled();
    const first = handle.borrow();
    const second = handle.borrow();
    for (const reader of [first, second]) {
      expect(handle.state).toBe('borrowed');
      refusal(() => handle.value, 'ERR_FREEHOLD_BORROWED');
      refusal(() => handle.dispose(), 'ERR_FREEHOLD_BORROWED');
      refusal(() => handle.move(), 'ERR_FREEHOLD_BORROWED');
      refusal(() => handle.release(), 'ERR_FREEHOLD_BORROWED');
      refusal(() => handle.borrowMut(), 'ERR_FREEHOLD_BORROWED');
      expect(reader.value.length).toBe(64);
      reader.end();
    }
    expect(handle.state).toBe('owned');
    handle.dispose();
    expect(pool.blocks).toBe(0);
  });

  test('a borrow that has ended cannot be used, and its second end does nothing', () => {
    const { handle } = pooled();
    const reader = handle.borrow();
    using other = handle.borrow();
    expect(reader.ended).toBe(false);
    reader.end();
    reader.end();
    reader[Symbol.dispose]();
    expect([reader.ended, handle.borrows]).toEqual([true, 1]);
    refusal(() => reader.value, 'ERR_FREEHOLD_DISPOSED');
    expect(other.value.length).toBe(64);
  });
});

describe('while a writer has borrowed it', () => {
  test('an owner can neither use, end, move nor release it, nor lend it to anybody', () => {
    const { pool, handle } = pooled();
    const writer = handle.borrowMut();
    writer.value[0] = 5;
    expect(handle.state).toBe('borrowed exclusively');
    refusal(() => handle.value, 'ERR_FREEHOLD_BORROWED');
    refusal(() => handle.dispose(), 'ERR_FREEHOLD_BORROWED');
    refusal(() => handle.move(), 'ERR_FREEHOLD_BORROWED');
    refusal(() => handle.release(), 'ERR_FREEHOLD_BORROWED');
    refusal(() => handle.borrow(), 'ERR_FREEHOLD_BORROWED');
    refusal(() => handle.borrowMut(), 'ERR_FREEHOLD_BORROWED');
    writer.end();
    writer.end();
    refusal(() => writer.value, 'ERR_FREEHOLD_DISPOSED');
    expect(handle.value[0]).toBe(5);
    handle.dispose();
    expect(pool.blocks).toBe(0);
  });
});

describe('an owner whose scope ends while it is lent', () => {
  test.each(['borrow', 'borrowMut'] as const)(
    'throws, and the end of the last %s ends the resource',
    (kind) => {
      const { pool, handle } = pooled();
      const first = handle[kind]();
      const second = kind === 'borrow' ? handle.borrow() : undefined;
      refusal(() => handle[Symbol.dispose](), 'ERR_FREEHOLD_BORROWED');
      first.end();
      if (second !== undefined) {
        expect(pool.blocks).toBe(1);
        second.end();
      }
      expect(pool.blocks).toBe(0);
      expect(handle.state).toBe('disposed');
      handle[Symbol.dispose]();
    },
  );

  test('is not ended by a dispose that was refused', () => {
    const { pool, handle } = pooled();
    const reader = handle.borrow();
    refusal(() => handle.dispose(), 'ERR_FREEHOLD_BORROWED');
    reader.end();
    expect(pool.blocks).toBe(1);
    handle.dispose();
  });

  test('has its resource ended by the last borrow when that ends asynchronously', async () => {
    let ends = 0;
    const handle = own({
      async [Symbol.asyncDispose]() {
        await turn();
        ends++;
      },
    });
    const reader = handle.borrow();
    await rejection(handle[Symbol.asyncDispose](), 'ERR_FREEHOLD_BORROWED');
    reader.end();
    await turn();
    await turn();
    expect(ends).toBe(1);
  });
});

test('a borrow of a block that its allocator ends has nothing to show', () => {
  using arena = new Arena();
  const handle = owned(arena, 64);
  using reader = handle.borrow();
  arena.reset();
  refusal(() => reader.value, 'ERR_FREEHOLD_USE_AFTER_FREE');
  reader.end();
  using late = owned(arena, 64);
  using writer = late.borrowMut();
  arena.reset();
  refusal(() => writer.value, 'ERR_FREEHOLD_USE_AFTER_FREE');
});

describe.each([
  ['borrow', borrow as unknown as typeof borrowMut, Borrowed],
  ['borrowMut', borrowMut, BorrowedMut],
] as const)('%s', (_name, lend, Kind) => {
  test('lends for as long as a function runs, and returns what it returns', () => {
    const { handle } = pooled();
    let kept: BorrowedMut<unknown> | undefined;
    const result = lend(handle, (borrowed) => {
      expect(borrowed).toBeInstanceOf(Kind);
      kept = borrowed;
      refusal(() => handle.value, 'ERR_FREEHOLD_BORROWED');
      return borrowed.value.length;
    });
    expect([result, handle.state]).toEqual([64, 'owned']);
    refusal(() => kept?.value, 'ERR_FREEHOLD_DISPOSED');
  });

  test('ends with a throw', () => {
    const { handle } = pooled();
    expect(() =>
      lend(handle, () => {
        throw new Error('within');
      }),
    ).toThrow('within');
    expect(handle.state).toBe('owned');
  });

  test('lasts until a promise is kept', async () => {
    const { handle } = pooled();
    const promise = lend(handle, async (borrowed) => {
      await turn();
      return borrowed.value.length;
    });
    refusal(() => handle.dispose(), 'ERR_FREEHOLD_BORROWED');
    expect(await promise).toBe(64);
    handle.dispose();
  });

  test('lasts until a promise is rejected', async () => {
    const { handle } = pooled();
    const promise = lend(handle, async () => {
      await turn();
      throw new Error('later');
    });
    refusal(() => handle.dispose(), 'ERR_FREEHOLD_BORROWED');
    await expect(promise).rejects.toThrow('later');
    handle.dispose();
  });

  test('refuses what is no owner and no function', () => {
    const { handle } = pooled();
    let called = 0;
    for (const value of [undefined, null, 5, {}, handle.value])
      refusal(() => lend(value as never, () => called++), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    for (const value of [undefined, null, 5, {}])
      refusal(() => lend(handle, value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect([called, handle.state]).toEqual([0, 'owned']);
  });

  test('of an owner whose scope has ended within joins both errors', () => {
    const handle = own({}, () => {
      throw new Error('cannot close');
    });
    let thrown: unknown;
    try {
      lend(handle, () => handle[Symbol.dispose]());
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      name: 'SuppressedError',
      error: { message: 'cannot close' },
      suppressed: { code: 'ERR_FREEHOLD_BORROWED' },
    });
  });
});

test('borrows say in logs whether they live, and are made by owners alone', () => {
  const { handle } = pooled();
  for (const [Kind, made] of [
    [Borrowed, () => handle.borrow()],
    [BorrowedMut, () => handle.borrowMut()],
  ] as const) {
    const borrowed = made();
    expect(inspect(borrowed)).toBe(`${Kind.name} { lives }`);
    expect(JSON.stringify(borrowed)).toBe('{"ended":false}');
    borrowed.end();
    expect(inspect(borrowed)).toBe(`${Kind.name} { ended }`);
    expect(JSON.stringify(borrowed)).toBe('{"ended":true}');
    refusal(() => new Kind({} as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => new Kind(undefined as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  }
});
