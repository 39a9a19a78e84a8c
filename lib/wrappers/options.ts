import type { Allocator } from '../allocator.ts';
import { checkFlag, checkName, readOptions } from '../validate.ts';
import { notAnAllocator } from './errors.ts';

/** What every wrapper can be told. */
export interface WrapperOptions {
  /** For messages and figures. Default: the kind and the name of what is wrapped, such as `limited(arena)`. */
  readonly name?: string;
  /** Whether dispose of the wrapper disposes what it wraps as well. Default: false, for it may have other users. */
  readonly disposeInner?: boolean;
}

/** Options that make sense. */
export interface WrapperSettings {
  readonly name: string;
  readonly disposeInner: boolean;
}

const METHODS = ['alloc', 'allocUnsafe', 'tryAlloc', 'realloc', 'free', 'owns', 'stats'] as const;

/** Options of a kind of wrapper, read once. `own` are the names of those that only this kind has. */
export function readWrapperOptions<T extends WrapperOptions>(
  options: T | undefined,
  kind: string,
  own: readonly (keyof T & string)[] = [],
): T {
  const known: readonly (keyof T & string)[] = ['name', 'disposeInner', ...own];
  const copy = readOptions(options, known, `${kind}()`);
  const { name, disposeInner } = copy;
  if (name !== undefined) checkName(name);
  if (disposeInner !== undefined) checkFlag(disposeInner, 'disposeInner');
  return copy;
}

/** The name and the rest that all wrappers have. */
export function settle(kind: string, inner: Allocator | string, options: WrapperOptions): WrapperSettings {
  const innerName = typeof inner === 'string' ? inner : nameOf(inner);
  return { name: options.name ?? `${kind}(${innerName})`, disposeInner: options.disposeInner ?? false };
}

/** What an allocator is called. */
export function nameOf(allocator: Allocator): string {
  const { name } = allocator as { name?: unknown };
  return typeof name === 'string' ? name : 'allocator';
}

/** Something with all methods of an allocator. */
export function checkAllocator(value: unknown, what: string): Allocator {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    throw notAnAllocator(what, value);
  }
  for (const method of METHODS) {
    if (typeof (value as Partial<Allocator>)[method] !== 'function') {
      throw notAnAllocator(what, value, method);
    }
  }
  return value as Allocator;
}
