import { constants } from 'node:buffer';

import { closest, distance } from 'fastest-levenshtein';

import { FreeholdError } from './errors.ts';

/** The largest alignment in bytes that any allocator takes: 2 MiB, a huge page. */
export const MAX_ALIGNMENT = 2 * 1024 * 1024;

/** The largest block: the largest view that this runtime can make, in bytes, less the most that alignment can take. */
export const LARGEST_BLOCK = constants.MAX_LENGTH - MAX_ALIGNMENT;

/** A value in words for a message. Never runs the value's own code (`toString`, `valueOf`, getters). */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    default:
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
  }
}

/** A number of bytes, or of `what`: a whole number from 0 to 2^53-1. */
export function checkSize(value: unknown, what = 'byteLength'): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `${what} must be a whole number from 0 to 2^53-1, but is ${describe(value)}`,
  );
}

/** A power of two from 1 to 2 MiB. */
export function checkAlignment(value: unknown): number {
  if (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= 1 &&
    value <= MAX_ALIGNMENT &&
    (value & (value - 1)) === 0
  ) {
    return value;
  }
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ALIGNMENT',
    `alignment must be a power of two from 1 to ${MAX_ALIGNMENT} bytes, but is ${describe(value)}`,
  );
}

/** An offset in memory of `byteLength` bytes: also the one behind its last byte. */
export function checkOffset(value: unknown, byteLength: number): number {
  const offset = checkSize(value, 'offset');
  if (offset <= byteLength) return offset;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `offset ${offset} is beyond the end of memory of ${byteLength} bytes`,
  );
}

/** The bytes of a limit: a size, or Infinity for none. */
export function checkLimit(value: unknown, what: string): number {
  return value === Infinity ? Infinity : checkSize(value, what);
}

/** A name for messages and figures. */
export function checkName(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `name must be a string, but is ${describe(value)}`,
  );
}

/** True or false. */
export function checkFlag(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${what} must be true or false, but is ${describe(value)}`,
  );
}

/** Something to call. */
export function checkFunction(value: unknown, what: string): void {
  if (typeof value === 'function') return;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${what} must be a function, but is ${describe(value)}`,
  );
}

/** What is thrown when a method of `className` finds itself called on something else. */
export function wrongReceiverOf(className: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_RECEIVER',
    `a method of ${className} was called on ${describe(value)}`,
  );
}

/** What is thrown when an allocator, `arena "requests"`, is used after its end. */
export function disposedOf(allocator: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DISPOSED',
    `${allocator} was disposed; make a new one, or dispose it later`,
  );
}

/** One of a few words. */
export function checkChoice<T extends string>(value: unknown, choices: readonly T[], what: string): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const known = choices.map((choice) => `'${choice}'`).join(', ');
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${what} must be one of ${known}, but is ${describe(value)}`,
  );
}

/** Options as a copy that no getter can change later; a name that is not known is an error that suggests one that is. */
export function readOptions<T extends object>(
  options: T | undefined,
  known: readonly (keyof T & string)[],
  of: string,
): T {
  if (options === undefined) return {} as T;
  if (typeof options !== 'object' || options === null) {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `options of ${of} must be an object, but are ${describe(options)}`,
    );
  }
  const copy: T = { ...options };
  for (const name of Object.keys(copy)) {
    if (known.some((each) => each === name)) continue;
    const longer = name.length > 2 ? known.find((each) => each.startsWith(name)) : undefined;
    const nearest = longer ?? closest(name, [...known]);
    const near = nearest === longer || distance(name, nearest) <= Math.max(3, nearest.length / 2);
    const hint = near ? `; did you mean '${nearest}'?` : '';
    throw new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', `${of} has no option '${name}'${hint}`);
  }
  return copy;
}
