import { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';

// The errors of structs: what was asked, what was found, what to do.

export function invalid(message: string): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', message);
}

export function wrongValue(field: string, wanted: string, value: unknown): FreeholdError {
  return invalid(`${field} takes ${wanted}, but was given ${describe(value)}`);
}

export function noSuchField(layout: string, name: string, hint: string): FreeholdError {
  return invalid(`${layout} has no field '${name}'${hint}`);
}

export function wrongLength(field: string, room: string, found: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `${field} takes ${room}, but the value has ${found}; nothing was written`,
  );
}

export function destroyed(layout: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `${layout}: the struct was destroyed; toObject() makes a copy that may outlive it`,
  );
}

export function destroyedBefore(layout: string): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_DOUBLE_FREE', `this ${layout} was destroyed before`);
}

export function reused(layout: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `${layout}: the block of the struct was freed by other means than destroy(), and is another's by now`,
  );
}

export function gone(layout: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `${layout}: the memory of the struct is gone: its allocator was reset or disposed, or its buffer was transferred or shrunk`,
  );
}

export function notOwned(layout: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `this ${layout} has no block of its own: it is a view, or part of another struct or array; destroy that one`,
  );
}

export function wrongReceiver(layout: string, value: unknown): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_INVALID_RECEIVER', `${layout} was used on ${describe(value)}`);
}

export function notAStruct(value: unknown): FreeholdError {
  return invalid(`this must be a struct or an array of a layout, but is ${describe(value)}`);
}

export function notAType(what: string, value: unknown): FreeholdError {
  return invalid(
    `${what} must be a type such as f64, cString(16), arrayOf(i32, 4) or a struct, but is ${describe(value)}`,
  );
}

export function empty(what: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `${what} needs a length of at least 1: C has no fields without bytes`,
  );
}

export function freedElsewhere(layout: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DOUBLE_FREE',
    `the block of this ${layout} was freed by other means before; free it with destroy(), or by its allocator, but not by both`,
  );
}

export function notByNew(): FreeholdError {
  return invalid('types are made by struct(), union(), arrayOf(), cString() and bytes(), not with new');
}

export function noType(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_RECEIVER',
    `a method of a type was called on ${describe(value)}`,
  );
}

export function noElement(label: string, length: number, index: unknown): FreeholdError {
  return invalid(`${label} has ${length} elements, but none at ${describe(index)}`);
}

export function noBlock(byteLength: number, found: unknown): FreeholdError {
  return invalid(`the allocator gave ${describe(found)} instead of a block of ${byteLength} bytes`);
}

export function ownsNoBlock(label: string): FreeholdError {
  return invalid(`this ${label} has no block of its own: it is a view, or part of another struct or array`);
}

export function tooFew(layout: string, size: number, offset: number, found: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `a ${layout} at ${offset} takes ${size} bytes from there, but there are ${found} bytes in all`,
  );
}

export function tooLargeArray(most: number, found: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `an array of structs has at most ${most} bytes, but this would have ${found}; make several`,
  );
}
