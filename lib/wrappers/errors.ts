import { FreeholdError, type FreeholdErrorCode } from '../errors.ts';
import { describe } from '../validate.ts';
import type { Request } from './layer.ts';

// The errors of wrappers: what was asked, what was found, what to do.

const REFUSALS: ReadonlySet<FreeholdErrorCode> = new Set<FreeholdErrorCode>([
  'ERR_FREEHOLD_OUT_OF_MEMORY',
  'ERR_FREEHOLD_LIMIT',
  'ERR_FREEHOLD_STACK_OVERFLOW',
]);

const GONE: ReadonlySet<FreeholdErrorCode> = new Set<FreeholdErrorCode>([
  'ERR_FREEHOLD_DOUBLE_FREE',
  'ERR_FREEHOLD_INVALID_FREE',
  'ERR_FREEHOLD_USE_AFTER_FREE',
  'ERR_FREEHOLD_DISPOSED',
]);

/** Whether an error says that there is no memory now: where `tryAlloc` gives null. */
export function isRefusal(error: unknown): error is FreeholdError {
  return error instanceof FreeholdError && REFUSALS.has(error.code);
}

/** Whether an error only says that blocks were not freed: what threw it at its dispose has ended all the same. */
export function isLeak(error: unknown): error is FreeholdError {
  return error instanceof FreeholdError && error.code === 'ERR_FREEHOLD_LEAK';
}

/** The code with which an inner allocator says that a block is not its own any more, which will not change. */
export function goneCode(error: unknown): FreeholdErrorCode | undefined {
  return error instanceof FreeholdError && GONE.has(error.code) ? error.code : undefined;
}

export function disposed(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DISPOSED',
    `"${name}" was disposed and hands out nothing; make a new one, or dispose it later`,
  );
}

export function notAnAllocator(what: string, value: unknown, missing?: string): FreeholdError {
  const found = missing === undefined ? `is ${describe(value)}` : `has no ${missing}()`;
  return new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', `${what} must be an allocator, but ${found}`);
}

export function notALayer(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `wrappers are made by limited(), failing(), fallback(), tracking() and logging(), and not of ${describe(value)}`,
  );
}

export function notABlockOf(name: string, request: Request, size: number, found: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `the allocator behind "${name}" returned ${found} from ${request} of ${size} bytes: an allocator returns a Block of the length asked for`,
  );
}

export function notHandedOut(name: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `${describe(value)} is not what "${name}" handed out; give blocks, and the arrays of array(), to the allocator they came from`,
  );
}

export function notABlock(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `a typed array of "${name}" cannot be reallocated: realloc takes blocks`,
  );
}

export function freedBefore(name: string, bytes: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DOUBLE_FREE',
    `this block of "${name}" (${bytes} bytes) was freed or reallocated before`,
  );
}

export function gone(name: string, code: FreeholdErrorCode): FreeholdError {
  return new FreeholdError(
    code,
    `this block of "${name}" is not its own any more: it was freed through another allocator, or ended with all others`,
  );
}

export function cannotPin(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `the allocator behind "${name}" has no pin(): hold its memory by other means while native code works on it`,
  );
}
