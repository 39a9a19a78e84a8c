import type { Allocator } from '../allocator.ts';
import { RcHeap } from '../rc-heap.ts';
import { describe, readOptions } from '../validate.ts';
import { checkAllocator } from '../wrappers/options.ts';
import { currentAllocator } from '../strategy/ambient.ts';
import { invalid } from './errors.ts';

/** Where a collection takes its memory from. */
export interface CollectionOptions {
  /**
   * Any allocator. Default: {@link currentAllocator}, which outside of all scopes is the {@link defaultRcHeap}, whose blocks free
   * themselves. What the memory of `auto()` has made ends with its scope, but for what is returned, kept with `keep()`, or in
   * a list that lives on.
   */
  readonly allocator?: Allocator;
}

/** Options of a collection, read once; `own` are the names of those that only this kind has. */
export function readCollectionOptions<T extends CollectionOptions>(
  options: T | undefined,
  kind: string,
  own: readonly (keyof T & string)[] = [],
): T & { readonly allocator: Allocator } {
  const known: readonly (keyof T & string)[] = ['allocator', ...own];
  const copy = readOptions(options, known, kind);
  const { allocator } = copy;
  return {
    ...copy,
    allocator:
      allocator === undefined ? currentAllocator() : checkAllocator(allocator, `the allocator of a ${kind}`),
  };
}

/** The heap of a handle. */
export function checkRcHeap(value: unknown): RcHeap {
  if (value instanceof RcHeap) return value;
  throw invalid(`the heap of a handle must be an RcHeap, but is ${describe(value)}`);
}
