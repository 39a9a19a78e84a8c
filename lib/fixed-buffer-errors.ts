import { constants } from 'node:buffer';

import { FreeholdError } from './errors.ts';
import { describe } from './validate.ts';

// The errors of a fixed buffer: what was asked, what was found, what to do.

export function noMemory(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `memory must be an ArrayBuffer, a SharedArrayBuffer or a view of one, but is ${describe(value)}`,
  );
}

export function tooLarge(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `memory is larger than any view can be here (${constants.MAX_LENGTH} bytes); pass views of parts of it`,
  );
}

export function full(name: string, byteLength: number, room: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_OUT_OF_MEMORY',
    `fixed buffer "${name}" has ${room} bytes left, too few for ${byteLength} and their alignment; reset it, or bring more memory (tryAlloc() gives null instead)`,
  );
}

export function memoryGone(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `the memory of fixed buffer "${name}" is gone: it was transferred, detached, or resized to end before it; make a new one over memory that stays`,
  );
}

export function shrunk(name: string, byteLength: number, used: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `the memory of fixed buffer "${name}" was resized to ${byteLength} bytes, beneath the ${used} that are handed out; reset() begins anew with what there is`,
  );
}

export function notABlock(name: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `${describe(value)} is not a block of fixed buffer "${name}"; give it to the allocator it came from`,
  );
}

export function freedBefore(name: string, byteLength: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DOUBLE_FREE',
    `this block of fixed buffer "${name}" (${byteLength} bytes) was freed before, or is from before a reset`,
  );
}

export function pinned(name: string, action: string, pins: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_PINNED',
    `${action} of fixed buffer "${name}" while ${pins} pin(s) hold its memory; release them first`,
  );
}
