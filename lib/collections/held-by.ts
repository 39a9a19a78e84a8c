import { CowArray } from './cow-array.ts';
import type { Held } from './held.ts';
import { List } from './list.ts';
import { RcString } from './rc-string.ts';

/** What an object of a collection holds; undefined for everything else. */
export function heldBy(value: unknown): Held | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return RcString.heldBy(value) ?? List.heldBy(value) ?? CowArray.heldBy(value);
}
