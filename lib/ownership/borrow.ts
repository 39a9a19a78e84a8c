import { types } from 'node:util';

import { checkFunction } from '../validate.ts';
import { BorrowedMut } from './borrowed-mut.ts';
import { Borrowed } from './borrowed.ts';
import { lend, lendExclusively } from './lifecycle.ts';
import type { Owner } from './owner.ts';
import { titleIn } from './owners.ts';
import { suppress } from './suppressed-error.ts';

/**
 * Lends a resource to a reader for as long as `reader` runs: until it returns, or until the promise that it returns is settled.
 *
 * @returns what `reader` returns.
 * @throws as {@link Owned.borrow}, and what `reader` throws.
 *
 * @example
 * ```ts
 * import { Pool, borrow, owned, type Block, type Borrowed } from 'freehold';
 * import { writeFile } from 'node:fs/promises';
 * import { devNull } from 'node:os';
 *
 * const save = async (block: Borrowed<Block>): Promise<number> => {
 *   await writeFile(devNull, block.value);
 *   return block.value.length;
 * };
 *
 * using pool = new Pool({ blockBytes: 64 });
 * using owner = owned(pool, 64);
 * console.log(await borrow(owner, save)); // 64
 * ```
 */
export function borrow<T, R>(owner: Owner<T>, reader: (borrowed: Borrowed<T>) => R): R {
  checkFunction(reader, 'reader');
  const title = titleIn(owner, 'owner');
  lend(title);
  const borrowed = new Borrowed(title);
  let result: R;
  try {
    result = reader(borrowed);
  } catch (error) {
    throw endAfter(borrowed, error);
  }
  return endWith(borrowed, result);
}

/**
 * Lends a resource to one writer for as long as `writer` runs, as {@link borrow} does to readers.
 *
 * @throws as {@link Owned.borrowMut}, and what `writer` throws.
 *
 * @example
 * ```ts
 * import { Pool, borrowMut, owned } from 'freehold';
 *
 * using pool = new Pool({ blockBytes: 64 });
 * using owner = owned(pool, 64);
 * console.log(borrowMut(owner, (block) => block.value.write('five!'))); // 5
 * ```
 */
export function borrowMut<T, R>(owner: Owner<T>, writer: (borrowed: BorrowedMut<T>) => R): R {
  checkFunction(writer, 'writer');
  const title = titleIn(owner, 'owner');
  lendExclusively(title);
  const borrowed = new BorrowedMut(title);
  let result: R;
  try {
    result = writer(borrowed);
  } catch (error) {
    throw endAfter(borrowed, error);
  }
  return endWith(borrowed, result);
}

interface Endable {
  end(): void;
}

/** Ends a borrow whose function has returned, or will. */
function endWith<R>(borrowed: Endable, result: R): R {
  if (typeof result !== 'object' || result === null || !types.isPromise(result)) {
    borrowed.end();
    return result;
  }
  return Promise.resolve(result).then(
    (value: unknown) => {
      borrowed.end();
      return value;
    },
    (error: unknown) => {
      throw endAfter(borrowed, error);
    },
  ) as R;
}

/** Ends a borrow whose function has thrown. What is to be thrown then. */
function endAfter(borrowed: Endable, error: unknown): unknown {
  try {
    borrowed.end();
    return error;
  } catch (another) {
    return suppress(another, error);
  }
}
