import { inspect } from 'node:util';

import { isThere } from './block-ending.ts';
import type { AsyncOwned } from './async-owned.ts';
import type { Owned } from './owned.ts';
import { State, type Title } from './title.ts';

// What the two classes of owners have in common. They are not one the base of the other: a derived class costs 15 ns more for
// each object.

/** The owner of a resource, however that ends. */
export type Owner<T> = Owned<T> | AsyncOwned<T>;

/**
 * What can be said of a handle: nobody has borrowed from it (`'owned'`), readers have or a writer has, the block's memory was
 * ended by others (`'gone'`), or it is dead.
 */
export type OwnershipState =
  'owned' | 'borrowed' | 'borrowed exclusively' | 'gone' | 'moved' | 'released' | 'disposed';

/** A handle for logs. */
export interface OwnershipReport {
  readonly state: OwnershipState;
  /** Borrows that live now. */
  readonly borrows: number;
}

/** The state of a title in words. */
export function stateOf(title: Title<unknown>): OwnershipState {
  switch (title.state) {
    case State.MOVED:
      return 'moved';
    case State.RELEASED:
      return 'released';
    case State.DISPOSED:
      return 'disposed';
    case State.EXCLUSIVE:
      return 'borrowed exclusively';
    case State.FREE:
      return isThere(title) ? 'owned' : 'gone';
    default:
      return 'borrowed';
  }
}

/** How many have borrowed. */
export function borrowsOf(title: Title<unknown>): number {
  const { state } = title;
  return state === State.EXCLUSIVE ? 1 : state > State.FREE ? state : 0;
}

/** A handle as `util.inspect` shows it. */
export function showOwner(className: string, title: Title<unknown>): string {
  const what =
    title.state < State.EXCLUSIVE ? '' : ` ${inspect(title.resource, { depth: 0, breakLength: Infinity })}`;
  return `${className} { ${stateOf(title)}${what} }`;
}
