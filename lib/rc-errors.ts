import { FreeholdError } from './errors.ts';
import { describe } from './validate.ts';

// The errors of reference-counted heaps: what was asked, what was found, what to do. `of` names the heap.

export function outOfMemory(of: string, byteLength: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_OUT_OF_MEMORY',
    `${of} cannot get memory for ${byteLength} bytes from the system, and a collection has freed too little; free memory elsewhere (tryAlloc() gives null instead)`,
  );
}

export function limit(of: string, byteLength: number, bytes: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_LIMIT',
    `${byteLength} bytes more would exceed the limit of ${bytes} of ${of}, and a collection has freed too little; release blocks, or give it a larger limitBytes`,
  );
}

export function notLive(of: string, handle: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `${describe(handle)} is not the handle of a block of ${of} that lives: it was freed, or never was`,
  );
}

export function noHandle(of: string, handle: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DOUBLE_FREE',
    `the block ${handle} of ${of} is held by no handle that could be released, but by other blocks alone; retain it first`,
  );
}

export function noSlot(of: string, handle: number, slot: unknown, slots: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `the block ${handle} of ${of} has ${slots} references, but none at ${describe(slot)}; make room with reserveRefs()`,
  );
}

export function overflow(of: string, handle: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_LIMIT',
    `the block ${handle} of ${of} is held 2^31-1 times; no count is higher`,
  );
}

export function released(of: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `this Rc of ${of} was released; who goes on using a block must retain it`,
  );
}

export function releasedBefore(of: string): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_DOUBLE_FREE', `this Rc of ${of} was released before`);
}

export function notABlock(of: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `${describe(value)} is not a block of ${of}: it takes what alloc() and array() have returned`,
  );
}

export function notAnRc(of: string, value: unknown): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', `${describe(value)} is not an Rc of ${of}`);
}

export function shared(of: string, holders: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `realloc of a block of ${of} that is held ${holders} times: the others would keep the old one; copy it instead`,
  );
}

export function gone(of: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `the memory of this block of ${of} is gone: its buffer was transferred`,
  );
}

export function noWeak(of: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${describe(value)} is not a weak handle of ${of}: weakHandle() makes them`,
  );
}

export function pinned(of: string, action: string, pins: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_PINNED',
    `${action} of ${of} while ${pins} pin(s) hold its memory; release them first`,
  );
}
