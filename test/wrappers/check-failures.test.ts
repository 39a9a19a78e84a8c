import { describe, expect, test } from 'vitest';
import {
  type Allocator,
  Arena,
  type Block,
  type LeakError,
  checkAllAllocationFailures,
  fallback,
} from 'freehold';
import { refusal, rejection } from '../lib/codes.ts';
import { Plain } from './lib/allocators.ts';

const make = (): Arena => new Arena();

/** Frees all that it allocates, whatever fails. */
function careful(allocator: Allocator): number {
  using first = allocator.alloc(8);
  using second = allocator.allocUnsafe(16);
  let third = allocator.alloc(8);
  try {
    third = allocator.realloc(third, 100);
    return first.length + second.length + third.length;
  } finally {
    allocator.free(third);
  }
}

/** Forgets the first block when the second one fails. */
function careless(allocator: Allocator): void {
  const first = allocator.alloc(8);
  const second = allocator.alloc(16);
  allocator.free(second);
  allocator.free(first);
}

describe('checkAllAllocationFailures', () => {
  test('runs the body once for each of its requests, and once more', () => {
    const made: Arena[] = [];
    let runs = 0;
    const found = checkAllAllocationFailures(
      () => (made.push(make()), made.at(-1)!),
      (allocator) => {
        runs++;
        careful(allocator);
      },
    );
    expect([found, runs, made.length]).toEqual([{ requests: 4 }, 5, 5]);
    expect(made.every(({ disposed }) => disposed)).toBe(true);
    expect(checkAllAllocationFailures(make, () => {})).toEqual({ requests: 0 });
  });

  test('finds what is forgotten on the way out of an error, and the request that fails then', () => {
    const error = refusal(() => checkAllAllocationFailures(make, careless), 'ERR_FREEHOLD_LEAK');
    expect((error as Partial<LeakError>).leaks).toMatchObject([
      { bytes: 8, count: 1, site: expect.stringContaining('careless') },
    ]);
    expect(error.message).toContain('when request 1 fails');
  });

  test('finds what is forgotten when nothing fails', () => {
    const error = refusal(
      () => checkAllAllocationFailures(make, (allocator) => allocator.alloc(8).fill(1)),
      'ERR_FREEHOLD_LEAK',
    );
    expect(error.message).toContain('when no request fails');
  });

  test('does not let a failure disappear', () => {
    const swallowing = (allocator: Allocator): void => {
      try {
        careful(allocator);
      } catch {
        // As if nothing had happened.
      }
    };
    const { message, cause } = refusal(
      () => checkAllAllocationFailures(make, swallowing),
      'ERR_FREEHOLD_SWALLOWED',
    );
    expect(message).toContain('the body succeeded although request 0 (alloc of 8 bytes) failed');
    expect(cause).toHaveProperty('code', 'ERR_FREEHOLD_OUT_OF_MEMORY');
    const trying = (allocator: Allocator): void => {
      allocator.tryAlloc(8)?.[Symbol.dispose]();
    };
    refusal(() => checkAllAllocationFailures(make, trying), 'ERR_FREEHOLD_SWALLOWED');
  });

  test('lets a body recover that may', () => {
    const recovering = (allocator: Allocator): void => {
      using either = fallback(allocator, new Arena());
      careful(either);
    };
    const { requests } = checkAllAllocationFailures(make, recovering, { mayRecover: true });
    expect(requests).toBe(4);
  });

  test('does not take another error for the failure, but one that was caused by it', () => {
    const failingWith =
      (wrap: (error: unknown) => unknown) =>
      (allocator: Allocator): void => {
        try {
          careful(allocator);
        } catch (error) {
          throw wrap(error);
        }
      };
    const other = failingWith(() => new TypeError('something else'));
    for (const mayRecover of [false, true]) {
      const { message } = refusal(
        () => checkAllAllocationFailures(make, other, { mayRecover }),
        'ERR_FREEHOLD_SWALLOWED',
      );
      expect(message).toContain('threw TypeError: something else although request 0');
    }
    const wraps: ((error: unknown) => unknown)[] = [
      (cause) => new Error('wrapped', { cause }),
      (cause) => new Error('twice', { cause: new Error('wrapped', { cause }) }),
      (error) => new AggregateError([new Error('other'), error]),
      // What `using` throws when the end of the scope fails as well.
      (suppressed) => Object.assign(new Error('dispose'), { error: new Error('other'), suppressed }),
      (error) => Object.assign(new Error('dispose'), { error, suppressed: new Error('other') }),
    ];
    for (const wrap of wraps) {
      expect(checkAllAllocationFailures(make, failingWith(wrap))).toEqual({ requests: 4 });
    }
    const endless = new Error('its own cause');
    endless.cause = endless;
    refusal(
      () =>
        checkAllAllocationFailures(
          make,
          failingWith(() => endless),
        ),
      'ERR_FREEHOLD_SWALLOWED',
    );
  });

  test('throws what the body throws when nothing fails', () => {
    const broken = new Error('broken');
    expect(() =>
      checkAllAllocationFailures(make, (allocator) => {
        careful(allocator);
        throw broken;
      }),
    ).toThrow(broken);
  });

  test('awaits bodies that take their time, one after the other', async () => {
    let running = 0;
    const body = async (allocator: Allocator): Promise<void> => {
      expect(++running).toBe(1);
      try {
        using first = allocator.alloc(8);
        await new Promise(setImmediate);
        using second = allocator.alloc(first.length);
        await Promise.resolve(second);
      } finally {
        running--;
      }
    };
    expect(await checkAllAllocationFailures(make, body)).toEqual({ requests: 2 });
    await rejection(
      checkAllAllocationFailures(make, async (allocator) => {
        const block: Block = allocator.alloc(8);
        await Promise.resolve();
        careful(allocator);
        block[Symbol.dispose]();
      }),
      'ERR_FREEHOLD_LEAK',
    );
    await rejection(
      checkAllAllocationFailures(make, (allocator) => careful2(allocator).catch(() => {})),
      'ERR_FREEHOLD_SWALLOWED',
    );
  });

  test('refuses what is no allocator, no function and no option', () => {
    refusal(() => checkAllAllocationFailures(5 as never, careful), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => checkAllAllocationFailures(make, 5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(
      () => checkAllAllocationFailures(make, careful, { mayRecover: 1 } as never),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
    refusal(() => checkAllAllocationFailures(() => ({}) as never, careful), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(
      () => checkAllAllocationFailures(make, careful, { mayrecover: true } as never),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
  });

  test('works over allocators of users', () => {
    const made: Plain[] = [];
    checkAllAllocationFailures(() => (made.push(new Plain()), made.at(-1)!), careful);
    expect(made.map(({ live }) => live.size)).toEqual([0, 0, 0, 0, 0]);
    expect(made.map(({ calls }) => calls.at(-1))).toEqual(Array(5).fill('dispose'));
  });
});

async function careful2(allocator: Allocator): Promise<void> {
  await Promise.resolve();
  careful(allocator);
}
