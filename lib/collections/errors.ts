import { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';

// The errors of collections: what was asked, what was found, what to do. `what` names the collection: "RcString".

export function invalid(message: string): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', message);
}

export function released(what: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `this ${what} was released; who goes on using one takes a share of it before that`,
  );
}

export function releasedBefore(what: string): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_DOUBLE_FREE', `this ${what} was released before`);
}

export function gone(what: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `the memory of this ${what} is gone: its allocator was reset or disposed, or its buffer was transferred`,
  );
}

export function notMade(what: string, how: string): FreeholdError {
  return invalid(`a ${what} is made by ${how}, not with new`);
}

export function noElement(what: string, index: unknown, length: number): FreeholdError {
  return invalid(`this ${what} has ${length} elements, but none at ${describe(index)}`);
}

export function tooLong(what: string, found: number, most: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `a ${what} has at most ${most} bytes, but this would have ${found}`,
  );
}

export function notUtf8(): FreeholdError {
  return invalid(
    'bytes must be valid UTF-8, but are not; decode them with their own encoding and pass the text',
  );
}

export function notOurs(what: string, handle: unknown): FreeholdError {
  return invalid(`the block ${describe(handle)} does not hold a ${what}`);
}

export function corrupt(what: string, index: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_CORRUPTION',
    `element ${index} of this ${what} is not a value that was put there: something else has written to its memory`,
  );
}

export function noText(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_CORRUPTION',
    'the block of a string does not hold one any more: something else has written to its memory',
  );
}

export function disposed(what: string): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_DISPOSED', `this ${what} was disposed; make a new one`);
}
