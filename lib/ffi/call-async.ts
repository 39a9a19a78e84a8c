import { types } from 'node:util';

import { push } from '../captured.ts';
import * as errors from './errors.ts';
import { Hold, isHoldable } from './hold.ts';

/** A function of C that can be called on another thread, as koffi makes them. */
export interface AsyncFunction<R> {
  (...args: never[]): R;
  /** Calls it; the last argument is called back with `(error, result)`. */
  async(...args: never[]): unknown;
}

/**
 * Calls a function of C on another thread, with every block among its arguments pinned and kept until it has returned: also those
 * within arrays and plain objects, one level deep. (An address says nothing of the block that it is of: pass the block, or hold it by
 * {@link borrow}.)
 *
 * @returns a promise of what the function returns.
 * @throws nothing: the promise is rejected with what the call fails with, and as {@link borrow} throws.
 *
 * @example
 * ```ts
 * import { Heap } from 'freehold';
 * import { callAsync } from 'freehold/ffi';
 * import koffi from 'koffi';
 *
 * using heap = new Heap();
 * const libc = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
 * const strlen = libc.func('size_t strlen(uint8_t *text)');
 * const text = heap.cString('on another thread');
 * console.log(await callAsync(strlen, text)); // 17
 * ```
 */
export async function callAsync<R>(fn: AsyncFunction<R>, ...args: unknown[]): Promise<R> {
  const call: unknown = typeof fn === 'function' ? Reflect.get(fn, 'async') : undefined;
  if (typeof call !== 'function') throw errors.notAsync(fn);
  const hold = new Hold(blocksIn(args));
  try {
    return await new Promise<R>((resolve, reject) => {
      const done = (error: unknown, result: R): void => {
        if (error === null || error === undefined) resolve(result);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it is the library's
        else reject(error);
      };
      Reflect.apply(call as (...all: unknown[]) => unknown, fn, [...args, done]);
    });
  } finally {
    hold.release();
  }
}

function blocksIn(args: readonly unknown[]): unknown[] {
  const found: unknown[] = [];
  for (const arg of args) {
    if (isHoldable(arg)) push(found, arg);
    else if (Array.isArray(arg) || isPlain(arg))
      for (const each of Object.values(arg)) if (isHoldable(each)) push(found, each);
  }
  return found;
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    !types.isAnyArrayBuffer(value)
  );
}
