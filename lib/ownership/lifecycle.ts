import type { Block } from '../block.ts';
import { BLOCK, disclaim, endBlock, isThere } from './block-ending.ts';
import { runEnding } from './ending.ts';
import { isInLife } from '../slots.ts';
import * as errors from './errors.ts';
import { State, type Title } from './title.ts';

// What can be done with a title: use, lend, take back, end.

// By a name of this module: an imported function is looked up at each call.
const isInItsLife = isInLife;

/** The resource, for an owner that nobody has borrowed from. */
export function use<T>(title: Title<T>): T {
  if (title.state === State.FREE && title.life !== 0 && isInItsLife(title.resource, title.life))
    return title.resource;
  if (title.state !== State.FREE) throw errors.refusal(title.state, 'use');
  if (!isThere(title)) throw errors.gone();
  return title.resource;
}

/** The resource, for a borrower whose borrow lives. */
export function useBorrowed<T>(title: Title<T>): T {
  if (!isThere(title)) throw errors.gone();
  return title.resource;
}

/** The resource, which has no owner from now on. */
export function release<T>(title: Title<T>): T {
  checkFree(title, 'release');
  if (!isThere(title)) throw errors.gone();
  title.state = State.RELEASED;
  disclaim(title);
  return title.resource;
}

/** Throws when the resource cannot be moved, released or ended by its owner now. */
export function checkFree(title: Title<unknown>, action: string): void {
  if (title.state !== State.FREE) throw errors.refusal(title.state, action);
}

/** One reader more. */
export function lend(title: Title<unknown>): void {
  if (title.state < State.FREE) throw errors.refusal(title.state, 'borrow');
  if (!isThere(title)) throw errors.gone();
  addReaders(title, 1);
}

function addReaders(title: Title<unknown>, readers: number): void {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- a number above FREE counts them
  title.state += readers;
}

/** The one writer. */
export function lendExclusively(title: Title<unknown>): void {
  if (title.state !== State.FREE) throw errors.refusal(title.state, 'exclusive borrow');
  if (!isThere(title)) throw errors.gone();
  title.state = State.EXCLUSIVE;
}

/** A borrow has ended. When the owner's scope has ended before it, and it is the last, so does the resource. */
export function takeBack(title: Title<unknown>): void {
  if (title.state === State.EXCLUSIVE) title.state = State.FREE;
  else addReaders(title, -1);
  if (title.state === State.FREE && title.isAbandoned) finishLate(title);
}

/** Ends the resource of a title that is free. */
export function finish(title: Title<unknown>): void {
  const { ending } = title;
  if (ending === BLOCK) {
    endBlock(title as Title<Block>);
    return;
  }
  if (ending.sync === undefined) throw errors.onlyAsync();
  title.state = State.DISPOSED; // First: what it runs may come here again.
  runEnding(ending, ending.sync, title.resource);
}

/** The same, for what may end asynchronously: in the way that it has for that. */
export async function finishAsync(title: Title<unknown>): Promise<void> {
  const { ending } = title;
  if (ending === BLOCK || ending.async === undefined) {
    finish(title);
    return;
  }
  title.state = State.DISPOSED;
  await runEnding(ending, ending.async, title.resource);
}

/** The end of an owner's scope while borrows live: the last of them will end the resource. */
export function abandon(title: Title<unknown>): never {
  title.isAbandoned = true;
  throw errors.borrowedAtEnd(title.state);
}

function finishLate(title: Title<unknown>): void {
  if (title.ending.sync !== undefined) finish(title);
  // Nobody is there to await it: an error is an unhandled rejection.
  else void finishAsync(title);
}
