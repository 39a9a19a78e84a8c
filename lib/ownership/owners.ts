import type { AsyncOwned } from './async-owned.ts';
import { titleOfAsync } from './async-owned.ts';
import * as errors from './errors.ts';
import type { Owned } from './owned.ts';
import { titleOfSync } from './owned.ts';
import type { Owner } from './owner.ts';
import type { Title } from './title.ts';

/** Whether a value is an {@link Owned} or an {@link AsyncOwned}. */
export function isOwner(value: unknown): value is Owner<unknown> {
  return (
    titleOfSync(value as Owned<unknown>) !== undefined ||
    titleOfAsync(value as AsyncOwned<unknown>) !== undefined
  );
}

/** The title that a handle has. Throws for what is no handle, `what` in words. */
export function titleIn<T>(owner: Owner<T>, what: string): Title<T> {
  const title = titleOfSync(owner as Owned<T>) ?? titleOfAsync(owner as AsyncOwned<T>);
  if (title === undefined) throw errors.notAnOwner(what, owner);
  return title;
}
