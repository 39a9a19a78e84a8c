import { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';
import { State } from './title.ts';

// The errors of ownership: what was asked, what was found, what to do.

/** Why the resource of a title cannot be used, by the title's state. */
export function refusal(state: State, action: string): FreeholdError {
  if (state === State.MOVED) return moved(action);
  if (state === State.RELEASED) return released(action);
  if (state === State.EXCLUSIVE || state > State.FREE) return borrowed(state, action);
  return new FreeholdError(
    'ERR_FREEHOLD_DISPOSED',
    `${action} of a handle that was disposed; a function that returns its handle must not hold it by \`using\`: return handle.move()`,
  );
}

function moved(action: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_MOVED',
    `${action} of a handle that was moved: what it owned has another owner; use the handle that move() returned, or borrow instead of moving`,
  );
}

function released(action: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_MOVED',
    `${action} of a handle that was released: whoever called release() ends what it owned; own() it again for a new handle`,
  );
}

function borrowed(state: State, action: string): FreeholdError {
  const by = state === State.EXCLUSIVE ? 'exclusively' : `by ${state} shared borrow(s)`;
  return new FreeholdError(
    'ERR_FREEHOLD_BORROWED',
    `${action} of a handle whose resource is borrowed ${by}; end the borrow first`,
  );
}

export function borrowedAtEnd(state: State): FreeholdError {
  const by = state === State.EXCLUSIVE ? 'an exclusive borrow' : `${state} shared borrow(s)`;
  return new FreeholdError(
    'ERR_FREEHOLD_BORROWED',
    `the scope of an owner ended while ${by} lived, whose end will end the resource; end borrows, and await what borrows, before the owner's scope ends`,
  );
}

export function borrowEnded(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DISPOSED',
    'a borrow was used after its end; borrow again, or keep the work inside of it',
  );
}

export function gone(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    'the memory of this block is gone: it was freed, or its allocator was reset or disposed; free an owned block by its handle only',
  );
}

export function freedByOther(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DOUBLE_FREE',
    'the block of this handle was freed or reallocated behind its back; free an owned block by its handle only, or release() it before',
  );
}

export function hasOwner(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_MOVED',
    'this resource has an owner already, and there is one at a time; move() that handle, or release() it first',
  );
}

export function isHandle(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${describe(value)} is a handle and not a resource; hand an owner on with move(), and borrow from the owner`,
  );
}

export function notDisposable(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${describe(value)} cannot be owned: it has neither [Symbol.dispose]() nor [Symbol.asyncDispose](); say how it ends: own(value, dispose)`,
  );
}

export function notABlock(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `the allocator returned ${describe(value)} where it should have returned a block`,
  );
}

export function notAnAllocator(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${describe(value)} is not an allocator: it has no alloc()`,
  );
}

export function onlyAsync(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_RECEIVER',
    'this resource ends asynchronously only; use `await using`, or await disposeAsync()',
  );
}

export function notMadeByNew(className: string, by: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${className} is made by ${by}, not with new, and not of ${describe(value)}`,
  );
}

export function notAnOwner(what: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${what} must be an Owned or an AsyncOwned, but is ${describe(value)}`,
  );
}

export function ofNoAllocator(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    'no allocator of this package made this block; say how it ends: own(block, dispose)',
  );
}

export function wasTransferred(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_MOVED',
    'a scope was used whose cleanups were transferred; use the scope that has them now',
  );
}

export function toItself(): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', 'a scope cannot be transferred to itself');
}

export function notInScope(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${describe(value)} is nothing that this scope ends; release() takes what own(), use() or adopt() was given`,
  );
}

export function notAScope(what: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${what} must be a scope of the same kind, but is ${describe(value)}`,
  );
}
